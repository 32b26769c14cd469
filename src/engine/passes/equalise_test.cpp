#include "engine/passes/equalise.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/passes/made_net.h"

namespace impasto::engine::passes {
namespace {

using test::MadeNet;

const std::vector<float> kUnlike{0.01F, 0.1F, 1, 10, 100, 1, 1, 1};

std::shared_ptr<ov::Model> net_of_unlike_channels() {
  MadeNet net;
  const Output first =
      MadeNet::relu(net.convolution("a", MadeNet::mirrored(net.picture(), 1), 8, kUnlike));
  return net.model(net.convolution("b", MadeNet::mirrored(first, 1), 4));
}

/// How many times the widest range is the narrowest; channels that are always 0 have none.
float unlikeness(const ActivationStatistics& statistics) {
  float least = INFINITY;
  float most = 0;
  for (const float high : statistics.high) {
    least = high > 0 ? std::min(least, high) : least;
    most = std::max(most, high);
  }
  return most / least;
}

TEST(Equalise, brings_channels_to_like_ranges_and_changes_no_picture) {
  const auto net = net_of_unlike_channels();
  settle(net);
  const auto picture = test::made_picture();
  const auto before = test::run(net, picture);
  const auto statistics = test::activation_statistics_of(net, picture);
  const auto after = equalise(net, statistics);
  float most = 0;
  for (const float value : before) {
    most = std::max(most, std::abs(value));
  }
  EXPECT_LT(test::largest_difference(test::run(net, picture), before), 1e-5 * most);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_LT(unlikeness(after[0]), unlikeness(statistics[0]) / 10);
  // What it says of the ranges is what they are.
  const auto measured = test::activation_statistics_of(net, picture);
  for (std::size_t c = 0; c < kUnlike.size(); ++c) {
    EXPECT_NEAR(after[0].high[c], measured[0].high[c], 1e-3F * measured[0].high[c]);
    EXPECT_NEAR(after[0].mean[c], measured[0].mean[c], 1e-3F * measured[0].high[c]);
  }
}

TEST(Equalise, refuses_another_net_s_statistics) {
  const auto net = net_of_unlike_channels();
  settle(net);
  EXPECT_THROW(equalise(net, {}), Error);
}

}  // namespace
}  // namespace impasto::engine::passes
