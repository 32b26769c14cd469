#include "engine/passes/parts.h"

#include <algorithm>
#include <openvino/op/add.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/pass/constant_folding.hpp>

namespace impasto::engine::passes {

void settle(const std::shared_ptr<ov::Model>& net) {
  ov::pass::ConstantFolding().run_on_model(net);
  net->validate_nodes_and_infer_types();
}

std::optional<std::vector<float>> values_of(const Output& output) {
  const auto* node = output.get_node();
  if (const auto* constant = ov::as_type<const ov::op::v0::Constant>(node)) {
    return constant->cast_vector<float>();
  }
  // Folding may leave these in front of a constant.
  const bool keeps_values =
      ov::is_type<ov::op::v0::Convert>(node) || ov::is_type<ov::op::v1::Reshape>(node);
  return keeps_values ? values_of(node->input_value(0)) : std::nullopt;
}

std::optional<std::vector<float>> values_per_channel(const Output& output, std::size_t channels) {
  auto values = values_of(output);
  if (!values) {
    return std::nullopt;
  }
  if (values->size() == 1) {
    return std::vector<float>(channels, values->front());
  }
  // The channels are the third dimension from the last, or the only one.
  const ov::Shape& shape = output.get_shape();
  const bool plain = shape.size() == 1 || (shape.size() >= 3 && *(shape.end() - 3) == channels);
  return values->size() == channels && plain ? values : std::nullopt;
}

Output constant(const ov::Shape& shape, const std::vector<float>& values) {
  return ov::op::v0::Constant::create(ov::element::f32, shape, values)->output(0);
}

Output per_channel(const std::vector<float>& values) {
  return constant({1, values.size(), 1, 1}, values);
}

std::size_t channels_of(const Output& output) { return output.get_shape().at(1); }

std::optional<ov::Input<ov::Node>> only_reader(const Output& output) {
  const auto readers = output.get_target_inputs();
  return readers.size() == 1 ? std::optional(*readers.begin()) : std::nullopt;
}

void Convolution::store() {
  node->input(1).replace_source_output(constant(shape, weights));
  if (add) {
    const std::size_t place = values_of(add->input_value(1)) ? 1 : 0;
    add->input(place).replace_source_output(per_channel(bias));
    return;
  }
  const auto readers = node->output(0).get_target_inputs();
  add = std::make_shared<ov::op::v1::Add>(node->output(0), per_channel(bias));
  add->set_friendly_name(name() + ".bias");
  for (auto reader : readers) {
    reader.replace_source_output(add->output(0));
  }
}

std::vector<Convolution> find_convolutions(const std::shared_ptr<ov::Model>& net) {
  std::vector<Convolution> found;
  for (const auto& node : net->get_ordered_ops()) {
    const auto convolution = ov::as_type_ptr<ov::op::v1::Convolution>(node);
    auto weights = convolution ? values_of(node->input_value(1)) : std::nullopt;
    if (!weights) {
      continue;
    }
    Convolution one{convolution, nullptr, node->get_input_shape(1), std::move(*weights), {}};
    const std::size_t channels = channels_of(node->output(0));
    const auto reader = only_reader(node->output(0));
    if (reader && ov::is_type<ov::op::v1::Add>(reader->get_node())) {
      const auto add = reader->get_node()->shared_from_this();
      if (auto bias = values_per_channel(add->input_value(1 - reader->get_index()), channels)) {
        one.add = add;
        one.bias = std::move(*bias);
      }
    }
    one.bias.resize(channels, 0);
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace impasto::engine::passes
