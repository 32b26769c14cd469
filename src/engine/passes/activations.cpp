#include "engine/passes/activations.h"

#include <algorithm>
#include <openvino/op/parameter.hpp>
#include <openvino/op/relu.hpp>
#include <openvino/op/space_to_depth.hpp>
#include <openvino/op/util/interpolate_base.hpp>
#include <openvino/op/util/pad_base.hpp>

namespace impasto::engine::passes {
namespace {

/// Gives values of its input alone, in other places or several times.
bool only_copies(const ov::Node& node) {
  if (const auto* resize = ov::as_type<const ov::op::util::InterpolateBase>(&node)) {
    return resize->get_attrs().mode == ov::op::util::InterpolateBase::InterpolateMode::NEAREST;
  }
  if (const auto* pad = ov::as_type<const ov::op::util::PadBase>(&node)) {
    return pad->get_pad_mode() != ov::op::PadMode::CONSTANT;
  }
  return ov::is_type<ov::op::v0::SpaceToDepth>(&node);
}

}  // namespace

bool keeps_scale(const ov::Node& node) {
  return ov::is_type<ov::op::v0::Relu>(&node) ||
         (only_copies(node) && !ov::is_type<ov::op::v0::SpaceToDepth>(&node));
}

std::vector<Activation> find_activations(const std::shared_ptr<ov::Model>& net) {
  std::vector<Activation> found;
  for (const Convolution& convolution : find_convolutions(net)) {
    Output tensor = convolution.input();
    while (only_copies(*tensor.get_node())) {
      tensor = tensor.get_node()->input_value(0);
    }
    if (ov::is_type<ov::op::v0::Parameter>(tensor.get_node())) {
      continue;
    }
    const auto known = std::find_if(found.begin(), found.end(),
                                    [&](const Activation& one) { return one.tensor == tensor; });
    if (known != found.end()) {
      known->readers.push_back(convolution.name());
    } else {
      found.push_back({tensor.get_node()->get_friendly_name(), tensor, {convolution.name()}});
    }
  }
  return found;
}

}  // namespace impasto::engine::passes
