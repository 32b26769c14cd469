#include "engine/passes/input.h"

#include <gtest/gtest.h>

#include "engine/passes/made_net.h"

namespace impasto::engine::passes {
namespace {

using test::MadeNet;

Output shifted_and_scaled(const Output& picture, float shift, float scale) {
  const auto moved = std::make_shared<ov::op::v1::Subtract>(picture, constant({}, {shift}));
  return std::make_shared<ov::op::v1::Multiply>(moved, constant({}, {scale}))->output(0);
}

TEST(InputScale, goes_into_the_first_convolution) {
  MadeNet net;
  const Output own = shifted_and_scaled(net.picture(), 0.5F, 255);
  const auto model = net.model(net.convolution("a", MadeNet::mirrored(own, 1), 4));
  settle(model);
  const auto picture = test::made_picture();
  const auto before = test::run(model, picture);
  absorb_input_scale(model);
  EXPECT_EQ(test::count<ov::op::v1::Subtract>(model), 0U);
  EXPECT_EQ(test::count<ov::op::v1::Multiply>(model), 0U);
  EXPECT_LT(test::largest_difference(test::run(model, picture), before), 1e-3);
}

TEST(InputScale, stays_where_zeros_are_padded) {
  MadeNet net;
  const Output own = shifted_and_scaled(net.picture(), 0.5F, 1);
  const auto model = net.model(net.convolution("a", own, 4, {}, 3, 1, 1));
  settle(model);
  const auto picture = test::made_picture();
  const auto before = test::run(model, picture);
  absorb_input_scale(model);
  EXPECT_LT(test::largest_difference(test::run(model, picture), before), 1e-5);
}

}  // namespace
}  // namespace impasto::engine::passes
