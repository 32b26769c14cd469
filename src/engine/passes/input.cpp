#include "engine/passes/input.h"

#include <algorithm>
#include <numeric>
#include <openvino/op/add.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/space_to_depth.hpp>
#include <openvino/op/subtract.hpp>
#include <openvino/op/util/pad_base.hpp>
#include <optional>
#include <vector>

#include "engine/passes/parts.h"

namespace impasto::engine::passes {
namespace {

/// x becomes scale · x + shift.
struct Affine {
  float scale = 1;
  float shift = 0;
};

/// What a node does to the picture, when it is a sum, difference or product with one number.
std::optional<Affine> affine_of(const ov::Node& node, std::size_t operand) {
  if (node.get_input_size() != 2) {
    return std::nullopt;
  }
  const auto values = values_of(node.input_value(1 - operand));
  const bool one_number = values && std::all_of(values->begin(), values->end(), [&](float value) {
                            return value == values->front();
                          });
  if (!one_number || values->empty()) {
    return std::nullopt;
  }
  const float number = values->front();
  if (ov::is_type<ov::op::v1::Subtract>(&node)) {
    return operand == 0 ? Affine{1, -number} : Affine{-1, number};
  }
  if (ov::is_type<ov::op::v1::Add>(&node)) {
    return Affine{1, number};
  }
  return ov::is_type<ov::op::v1::Multiply>(&node) ? std::optional(Affine{number, 0}) : std::nullopt;
}

/// A node that moves values about and makes none up.
bool only_moves(const ov::Node& node) {
  if (const auto* pad = ov::as_type<const ov::op::util::PadBase>(&node)) {
    return pad->get_pad_mode() != ov::op::PadMode::CONSTANT;
  }
  return ov::is_type<ov::op::v0::SpaceToDepth>(&node);
}

bool pads_with_zeros(const ov::op::v1::Convolution& node) {
  const auto any = [](const ov::CoordinateDiff& pads) {
    return std::any_of(pads.begin(), pads.end(), [](std::ptrdiff_t pad) { return pad != 0; });
  };
  return any(node.get_pads_begin()) || any(node.get_pads_end());
}

void absorb(Convolution& convolution, const Affine& affine) {
  const std::size_t per_output = convolution.weights.size() / convolution.outputs();
  for (std::size_t c = 0; c < convolution.outputs(); ++c) {
    const auto first = convolution.weights.begin() + static_cast<std::ptrdiff_t>(c * per_output);
    const auto last = first + static_cast<std::ptrdiff_t>(per_output);
    convolution.bias[c] += static_cast<float>(affine.shift * std::accumulate(first, last, 0.0));
    std::for_each(first, last, [&](float& weight) { weight *= affine.scale; });
  }
  convolution.store();
}

}  // namespace

void absorb_input_scale(const std::shared_ptr<ov::Model>& net) {
  const Output picture = net->get_parameters().front()->output(0);
  Affine all;
  Output at = picture;
  for (;;) {
    const auto reader = only_reader(at);
    const auto affine = reader ? affine_of(*reader->get_node(), reader->get_index()) : std::nullopt;
    if (!affine) {
      break;
    }
    all = {all.scale * affine->scale, all.shift * affine->scale + affine->shift};
    at = reader->get_node()->output(0);
  }
  if (at == picture) {
    return;
  }
  Output moved = at;
  for (;;) {
    const auto reader = only_reader(moved);
    if (!reader || !only_moves(*reader->get_node())) {
      break;
    }
    moved = reader->get_node()->output(0);
  }
  std::vector<Convolution> convolutions = find_convolutions(net);
  std::vector<Convolution*> readers;
  for (const auto& reader : moved.get_target_inputs()) {
    const auto found =
        std::find_if(convolutions.begin(), convolutions.end(), [&](const Convolution& one) {
          return one.node.get() == reader.get_node() && reader.get_index() == 0;
        });
    if (found == convolutions.end() || (all.shift != 0 && pads_with_zeros(*found->node))) {
      return;
    }
    readers.push_back(&*found);
  }
  for (Convolution* reader : readers) {
    absorb(*reader, all);
  }
  for (auto reader : at.get_target_inputs()) {
    reader.replace_source_output(picture);
  }
  net->validate_nodes_and_infer_types();
}

}  // namespace impasto::engine::passes
