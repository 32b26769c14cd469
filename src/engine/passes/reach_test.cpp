#include "engine/passes/reach.h"

#include <gtest/gtest.h>

#include "engine/passes/made_net.h"

namespace impasto::engine::passes {
namespace {

using test::MadeNet;

std::optional<int> reach(MadeNet& net, const Output& result) {
  const auto model = net.model(result);
  settle(model);
  return reach_of(model);
}

TEST(Reach, of_convolutions_adds_up) {
  MadeNet net;
  Output at = net.convolution("a", net.picture(), 4, {}, 3, 1, 1);
  at = net.convolution("b", MadeNet::relu(at), 4, {}, 5, 1, 2);
  at = net.convolution("c", at, 3, {}, 1);
  const auto found = reach(net, at);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, 3);
}

TEST(Reach, grows_with_the_size_of_places) {
  MadeNet net;
  Output at = net.convolution("a", net.picture(), 4, {}, 3, 2, 1);  // places of two pixels
  at = net.convolution("b", at, 12, {}, 3, 1, 1);
  at = std::make_shared<ov::op::v0::DepthToSpace>(
           at, ov::op::v0::DepthToSpace::DepthToSpaceMode::DEPTH_FIRST, 2)
           ->output(0);
  const auto found = reach(net, at);
  ASSERT_TRUE(found);
  EXPECT_GE(*found, 3);  // 1 + 2
  EXPECT_LE(*found, 6);  // whole places of two pixels, at most
}

TEST(Reach, of_a_norm_is_the_whole_picture) {
  MadeNet net;
  EXPECT_FALSE(reach(net, net.norm(net.convolution("a", net.picture(), 3, {}, 3, 1, 1))));
}

}  // namespace
}  // namespace impasto::engine::passes
