#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <string>
#include <vector>

#include "engine/passes/parts.h"

namespace impasto::engine::passes {

/// A tensor that convolutions read, where it is made: before it is padded, enlarged or folded.
struct Activation {
  std::string name;
  Output tensor;
  std::vector<std::string> readers;  ///< The names of the convolutions.
};

/// What the convolutions of a settled net read, in its order; the picture itself is not among them.
std::vector<Activation> find_activations(const std::shared_ptr<ov::Model>& net);

/// Whether a node gives of k · x the k-fold of what it gives of x, channel by channel, for any
/// number k > 0: it pads, enlarges, cuts off what is negative.
bool keeps_scale(const ov::Node& node);

}  // namespace impasto::engine::passes
