#pragma once

#include <onnx/onnx_pb.h>

#include <array>
#include <string>

#include "engine/net_runner.h"
#include "style/probe.h"

namespace impasto::style {

/// How pictures in 0..1 become the values that a net takes, and what it gives becomes 0..1 again.
struct ValueRange {
  std::string takes;  ///< "0..1", "0..255", "-1..1", "ImageNet's mean and deviation".
  std::string gives;
  std::array<float, 3> in_scale{1, 1, 1};  ///< net = scale * picture + offset, by channel.
  std::array<float, 3> in_offset{0, 0, 0};
  float out_scale = 1;  ///< picture = scale * net + offset.
  float out_offset = 0;
};

/// The range that a user names: "1", "255" or "-1..1". Throws Error(usage) for another.
ValueRange named_range(const std::string& name);

/// Finds the range by painting `picture` (0..1) in each: the right one gives a picture that fills
/// its range and has light and dark where the source has. `last_operator` is the kind of operator
/// that the net ends with: a Tanh or a Sigmoid tells what it gives.
ValueRange detect_range(Probe& net, const std::string& last_operator,
                        const engine::Tensor& picture);

/// The picture as the net takes it, and what the net gives as a picture.
engine::Tensor to_net(const ValueRange& range, engine::Tensor picture);
engine::Tensor to_picture(const ValueRange& range, engine::Tensor answer);

/// Builds the range into a net, so that it takes and gives 0..1. Its input becomes `image`, its
/// output `painted`.
void build_in(onnx::ModelProto& model, const ValueRange& range);

}  // namespace impasto::style
