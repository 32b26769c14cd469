#pragma once

#include <memory>
#include <openvino/core/model.hpp>

namespace impasto::engine::passes {

/// Takes a shift and a scale of the picture itself (x − 0.5, 255 · x) into the convolutions that
/// read it, so that the net begins with the picture as it is: 0..1, which 8 bits hold exactly. Does
/// nothing where that is not the same: a shift before a convolution that pads with zeros, numbers
/// that differ from channel to channel. The net is settled.
void absorb_input_scale(const std::shared_ptr<ov::Model>& net);

}  // namespace impasto::engine::passes
