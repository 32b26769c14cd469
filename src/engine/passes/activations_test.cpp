#include "engine/passes/activations.h"

#include <gtest/gtest.h>

#include "engine/passes/made_net.h"

namespace impasto::engine::passes {
namespace {

using test::MadeNet;

TEST(Activations, are_what_convolutions_read_before_it_is_padded) {
  MadeNet net;
  const Output first = MadeNet::relu(net.convolution("a", MadeNet::mirrored(net.picture(), 1), 4));
  const Output padded = MadeNet::mirrored(first, 1);
  const Output sum =
      std::make_shared<ov::op::v1::Add>(net.convolution("b", padded, 2),
                                        net.convolution("c", MadeNet::mirrored(first, 1), 2))
          ->output(0);
  const auto model = net.model(sum);
  settle(model);
  const auto found = find_activations(model);
  ASSERT_EQ(found.size(), 1U);  // the picture itself is none
  EXPECT_EQ(found[0].tensor, first);
  EXPECT_EQ(found[0].readers.size(), 2U);
}

TEST(Activations, keep_their_scale_through_what_is_linear_in_each_value) {
  MadeNet net;
  const Output relu = MadeNet::relu(net.picture());
  EXPECT_TRUE(keeps_scale(*relu.get_node()));
  EXPECT_TRUE(keeps_scale(*MadeNet::mirrored(net.picture(), 2).get_node()));
  EXPECT_FALSE(keeps_scale(ov::op::v0::Sigmoid(net.picture())));
  EXPECT_FALSE(keeps_scale(ov::op::v0::Tanh(net.picture())));
}

}  // namespace
}  // namespace impasto::engine::passes
