#include "engine/passes/quantise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/passes/made_net.h"

namespace impasto::engine::passes {
namespace {

using test::MadeNet;

std::shared_ptr<ov::Model> net_of_three() {
  MadeNet net;
  Output at = MadeNet::relu(net.convolution("a", MadeNet::mirrored(net.picture(), 1), 8));
  at = MadeNet::relu(net.convolution("b", MadeNet::mirrored(at, 1), 8));
  const auto model = net.model(net.convolution("c", MadeNet::mirrored(at, 1), 3));
  settle(model);
  return model;
}

double root_mean_square(const std::vector<float>& one, const std::vector<float>& other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    sum += std::pow(static_cast<double>(one[i]) - other[i], 2);
  }
  return std::sqrt(sum / static_cast<double>(one.size()));
}

TEST(Quantise, gives_nearly_what_floats_give) {
  const auto net = net_of_three();
  const auto picture = test::made_picture();
  const auto before = test::run(net, picture);
  quantise(net, test::activation_statistics_of(net, picture), {});
  const auto after = test::run(net, picture);
  // Weights and what they read, in three layers.
  EXPECT_EQ(test::count<ov::op::v0::FakeQuantize>(net), 6U);
  const double usual = root_mean_square(before, std::vector<float>(before.size(), 0));
  EXPECT_LT(root_mean_square(before, after), 0.02 * usual);
  EXPECT_GT(root_mean_square(before, after), 0);
}

TEST(Quantise, takes_back_what_rounding_adds_on_average) {
  const auto net = net_of_three();
  const auto picture = test::made_picture();
  const auto before = test::run(net, picture);
  quantise(net, test::activation_statistics_of(net, picture), {});
  const auto after = test::run(net, picture);
  const std::size_t size = before.size() / 3;
  for (std::size_t c = 0; c < 3; ++c) {
    double apart = 0;
    for (std::size_t i = c * size; i < (c + 1) * size; ++i) {
      apart += (static_cast<double>(after[i]) - before[i]) / static_cast<double>(size);
    }
    EXPECT_LT(std::abs(apart), 0.01) << "channel " << c;
  }
}

TEST(Quantise, leaves_what_is_kept_as_it_is) {
  const auto net = net_of_three();
  const auto picture = test::made_picture();
  const auto before = test::run(net, picture);
  quantise(net, test::activation_statistics_of(net, picture), {"a", "b", "c"});
  EXPECT_EQ(test::count<ov::op::v0::FakeQuantize>(net), 0U);
  EXPECT_LT(test::largest_difference(test::run(net, picture), before), 1e-6);
  const auto other = net_of_three();
  quantise(other, test::activation_statistics_of(other, picture), {"b"});
  EXPECT_EQ(test::count<ov::op::v0::FakeQuantize>(other), 4U);
}

}  // namespace
}  // namespace impasto::engine::passes
