#include "graph/onnx_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/error.h"

namespace impasto::graph {
namespace {

/// Inputs that a caller feeds: up to IR version 3 the weights are listed among the inputs too.
std::vector<const onnx::ValueInfoProto*> fed_inputs(const onnx::GraphProto& graph) {
  std::set<std::string> weights;
  for (const auto& weight : graph.initializer()) {
    weights.insert(weight.name());
  }
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const auto& input : graph.input()) {
    if (weights.count(input.name()) == 0) {
      inputs.push_back(&input);
    }
  }
  return inputs;
}

bool is_float(const onnx::ValueInfoProto& value) {
  return value.type().has_tensor_type() &&
         value.type().tensor_type().elem_type() == onnx::TensorProto::FLOAT;
}

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw Error(ExitCode::bad_input, fmt::format("{} is not a style net: {}", file, why));
}

bool can_be_pictures(const Shape& shape) {
  constexpr std::size_t kRank = 4;
  return shape.size() == kRank && (shape[0] == 1 || shape[0] == -1) &&
         (shape[1] == 3 || shape[1] == -1);
}

}  // namespace

onnx::ModelProto parse_onnx(std::string_view bytes, const std::string& file) {
  if (bytes.empty()) {
    throw Error(ExitCode::bad_input, fmt::format("{} is empty, not an ONNX net", file));
  }
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      model.graph().node().empty() || model.opset_import().empty()) {
    throw Error(
        ExitCode::bad_input,
        fmt::format("{} is not an ONNX net, or is cut off; a style is an .onnx file", file));
  }
  for (const auto& weight : model.graph().initializer()) {
    if (weight.data_location() == onnx::TensorProto::EXTERNAL) {
      throw Error(
          ExitCode::bad_input,
          fmt::format("{} keeps its weights in other files; save it as one ONNX file", file));
    }
  }
  return model;
}

Ports picture_ports(const onnx::ModelProto& model, const std::string& file) {
  const auto inputs = fed_inputs(model.graph());
  const auto& outputs = model.graph().output();
  if (inputs.size() != 1 || outputs.size() != 1) {
    refuse(file, fmt::format("it takes {} inputs and gives {} outputs instead of one picture each",
                             inputs.size(), outputs.size()));
  }
  Ports ports{inputs[0]->name(), shape_of(*inputs[0]), outputs[0].name(), shape_of(outputs[0])};
  if (!is_float(*inputs[0]) || !is_float(outputs[0])) {
    refuse(file, "it does not compute on float32 pictures");
  }
  if (!can_be_pictures(ports.input_shape)) {
    const bool channels_last = ports.input_shape.size() == 4 && ports.input_shape[3] == 3;
    refuse(file, fmt::format("its input \"{}\" has the shape {} instead of [N,3,H,W]{}",
                             ports.input, to_string(ports.input_shape),
                             channels_last ? "; export it with the channels first" : ""));
  }
  if (!ports.output_shape.empty() && !can_be_pictures(ports.output_shape)) {
    refuse(file, fmt::format("its output \"{}\" has the shape {}, which is no picture [N,3,H,W]",
                             ports.output, to_string(ports.output_shape)));
  }
  return ports;
}

std::string metadata(const onnx::ModelProto& model, const std::string& key) {
  for (const auto& entry : model.metadata_props()) {
    if (entry.key() == key) {
      return entry.value();
    }
  }
  return "";
}

void set_metadata(onnx::ModelProto& model, const std::string& key, const std::string& value) {
  auto& entries = *model.mutable_metadata_props();
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [&](const auto& entry) { return entry.key() == key; }),
                entries.end());
  if (!value.empty()) {
    auto& entry = *entries.Add();
    entry.set_key(key);
    entry.set_value(value);
  }
}

Shape shape_of(const onnx::ValueInfoProto& value) {
  Shape shape;
  for (const auto& dimension : value.type().tensor_type().shape().dim()) {
    const bool fixed = dimension.has_dim_value() && dimension.dim_value() > 0;
    shape.push_back(fixed ? dimension.dim_value() : -1);
  }
  return shape;
}

void set_shape(onnx::ValueInfoProto& value, const Shape& shape,
               const std::vector<std::string>& open) {
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->clear_dim();
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    auto& dimension = *type.mutable_shape()->add_dim();
    if (shape[axis] > 0) {
      dimension.set_dim_value(shape[axis]);
    } else {
      dimension.set_dim_param(axis < open.size() ? open[axis] : fmt::format("D{}", axis));
    }
  }
}

std::string to_string(const Shape& shape) {
  std::vector<std::string> sizes;
  for (const std::int64_t size : shape) {
    sizes.push_back(size < 0 ? "?" : std::to_string(size));
  }
  return fmt::format("[{}]", fmt::join(sizes, ","));
}

std::int64_t opset(const onnx::ModelProto& model) {
  std::int64_t version = 1;
  for (const auto& set : model.opset_import()) {
    if (set.domain().empty() || set.domain() == "ai.onnx") {
      version = set.version();
    }
  }
  return version;
}

}  // namespace impasto::graph
