#include "style/modernise.h"

#include <fmt/format.h>
#include <onnx/version_converter/convert.h>

#include <exception>
#include <set>

#include "base/error.h"
#include "graph/graph.h"

namespace impasto::style {
namespace {

constexpr std::int64_t kOpset = 13;
constexpr std::int64_t kIrVersion = 8;  // what the readers of opset 13 to 17 take
constexpr std::int64_t kFirstResizeWithModes = 11;

/// Up to IR version 3 the weights are listed as inputs, with values that a caller may replace.
int drop_weights_from_inputs(onnx::GraphProto& graph) {
  std::set<std::string> weights;
  for (const auto& weight : graph.initializer()) {
    weights.insert(weight.name());
  }
  int dropped = 0;
  for (int index = graph.input_size() - 1; index >= 0; --index) {
    if (weights.count(graph.input(index).name()) > 0) {
      graph.mutable_input()->DeleteSubrange(index, 1);
      ++dropped;
    }
  }
  return dropped;
}

/// The tensor of a Constant node, whichever attribute holds it; false for kinds that no float net
/// has (strings, sparse tensors).
bool constant_value(const onnx::NodeProto& node, onnx::TensorProto& value) {
  const auto& attribute = node.attribute(0);
  if (attribute.name() == "value") {
    value = attribute.t();
  } else if (attribute.name() == "value_float") {
    value.set_data_type(onnx::TensorProto::FLOAT);
    value.add_float_data(attribute.f());
  } else if (attribute.name() == "value_floats") {
    value.set_data_type(onnx::TensorProto::FLOAT);
    value.add_dims(attribute.floats_size());
    *value.mutable_float_data() = attribute.floats();
  } else if (attribute.name() == "value_int") {
    value.set_data_type(onnx::TensorProto::INT64);
    value.add_int64_data(attribute.i());
  } else if (attribute.name() == "value_ints") {
    value.set_data_type(onnx::TensorProto::INT64);
    value.add_dims(attribute.ints_size());
    *value.mutable_int64_data() = attribute.ints();
  } else {
    return false;
  }
  return true;
}

void constants_to_weights(onnx::GraphProto& graph) {
  for (int index = graph.node_size() - 1; index >= 0; --index) {
    const auto& node = graph.node(index);
    onnx::TensorProto value;
    if (node.op_type() == "Constant" && node.attribute_size() == 1 && constant_value(node, value)) {
      value.set_name(node.output(0));
      *graph.add_initializer() = value;
      graph.mutable_node()->DeleteSubrange(index, 1);
    }
  }
}

/// Before opset 11, Upsample and Resize mapped an output pixel to the input as index / scale.
void keep_old_resize_rule(onnx::GraphProto& graph) {
  for (auto& node : *graph.mutable_node()) {
    if (node.op_type() == "Resize") {
      graph::set_attribute(node, "coordinate_transformation_mode", std::string("asymmetric"));
      graph::set_attribute(node, "nearest_mode", std::string("floor"));
    }
  }
}

}  // namespace

void modernise(onnx::ModelProto& model, const std::string& file, std::vector<std::string>& notes) {
  const std::int64_t before = graph::opset(model);
  const int weights = drop_weights_from_inputs(*model.mutable_graph());
  if (weights > 0) {
    notes.push_back(fmt::format("{} weights that were listed as inputs are weights only", weights));
  }
  if (model.ir_version() < kIrVersion) {
    model.set_ir_version(kIrVersion);
  }
  if (before < kOpset) {
    try {
      model = onnx::version_conversion::ConvertVersion(model, kOpset);
    } catch (const std::exception& failure) {
      throw Error(ExitCode::bad_input,
                  fmt::format("{} is written in ONNX opset {} and cannot be brought to {} ({}); "
                              "export it again with opset {} or newer",
                              file, before, kOpset, failure.what(), kOpset));
    }
    model.set_ir_version(kIrVersion);
    if (before < kFirstResizeWithModes) {
      keep_old_resize_rule(*model.mutable_graph());
    }
    notes.push_back(fmt::format("operators brought from opset {} to {}", before, kOpset));
  }
  drop_weights_from_inputs(*model.mutable_graph());
  constants_to_weights(*model.mutable_graph());
  graph::remove_unused(*model.mutable_graph());
}

}  // namespace impasto::style
