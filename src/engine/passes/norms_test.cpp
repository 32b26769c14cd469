#include "engine/passes/norms.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/passes/made_net.h"

namespace impasto::engine::passes {
namespace {

using test::MadeNet;

/// A norm after a convolution, one after a ReLU that something else reads, and one at the end.
std::shared_ptr<ov::Model> net_with_norms() {
  MadeNet net;
  const Output first = MadeNet::relu(net.norm(net.convolution("a", net.picture(), 4)));
  const Output second = net.norm(first);
  const Output sum = std::make_shared<ov::op::v1::Add>(first, second)->output(0);
  return net.model(net.norm(net.convolution("b", sum, 2)));
}

TEST(Norms, are_found_with_their_scales_and_shifts) {
  const auto net = net_with_norms();
  settle(net);
  const auto norms = find_norms(net);
  ASSERT_EQ(norms.size(), 3U);
  EXPECT_EQ(norms[0].scale.size(), 4U);
  EXPECT_EQ(norms[2].shift.size(), 2U);
  EXPECT_NE(norms[0].scale, norms[1].scale);
  EXPECT_NEAR(norms[0].epsilon, 1e-5, 1e-9);
}

TEST(Norms, folded_by_a_picture_s_own_statistics_paint_it_as_before) {
  const auto net = net_with_norms();
  settle(net);
  const auto picture = test::made_picture();
  const auto before = test::run(net, picture);
  fold_norms(net, test::norm_statistics_of(net, picture));
  EXPECT_EQ(test::count<ov::op::v6::MVN>(net), 0U);
  EXPECT_LT(test::largest_difference(test::run(net, picture), before), 1e-4);
}

TEST(Norms, folded_paint_another_picture_by_the_same_numbers) {
  const auto net = net_with_norms();
  settle(net);
  const auto picture = test::made_picture();
  fold_norms(net, test::norm_statistics_of(net, picture));
  // Half the contrast goes in, so what comes out of the first layers is not brought back to one.
  auto flat = picture;
  for (float& value : flat) {
    value = 0.25F + value / 2;
  }
  EXPECT_GT(test::largest_difference(test::run(net, flat), test::run(net, picture)), 0.1);
}

TEST(Norms, are_not_folded_by_another_net_s_statistics) {
  const auto net = net_with_norms();
  settle(net);
  auto statistics = test::norm_statistics_of(net, test::made_picture());
  statistics[1].mean.pop_back();
  EXPECT_THROW(fold_norms(net, statistics), Error);
  statistics.pop_back();
  EXPECT_THROW(fold_norms(net, statistics), Error);
}

}  // namespace
}  // namespace impasto::engine::passes
