#include "graph/builder.h"

#include <algorithm>

#include "base/half.h"
#include "graph/graph.h"

namespace impasto::graph {
namespace {

constexpr std::int64_t kIrVersion = 8;  // goes with opset 17
constexpr std::int64_t kOpset = 17;

template <typename Value>
void add_tensor(onnx::GraphProto& graph, const std::string& name, onnx::TensorProto::DataType type,
                const Shape& shape, const std::vector<Value>& values) {
  auto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  tensor.mutable_dims()->Add(shape.begin(), shape.end());
  tensor.set_raw_data(values.data(), values.size() * sizeof(Value));
}

}  // namespace

Builder::Builder(const std::string& name) {
  model_.set_ir_version(kIrVersion);
  model_.set_producer_name("impasto");
  model_.add_opset_import()->set_version(kOpset);
  graph_.set_name(name);
}

void Builder::add_input(const std::string& name, const Shape& shape) {
  auto& port = *graph_.add_input();
  port.set_name(name);
  set_shape(port, shape);
}

void Builder::add_output(const std::string& name, const Shape& shape) {
  auto& port = *graph_.add_output();
  port.set_name(name);
  set_shape(port, shape);
}

onnx::NodeProto& Builder::add(const std::string& op, const std::vector<std::string>& inputs,
                              const std::string& output) {
  auto& node = *graph_.add_node();
  node.set_op_type(op);
  node.set_name(output);
  for (const std::string& input : inputs) {
    node.add_input(input);
  }
  node.add_output(output);
  return node;
}

void Builder::add_floats(const std::string& name, const Shape& shape,
                         const std::vector<float>& values) {
  add_tensor(graph_, name, onnx::TensorProto::FLOAT, shape, values);
}

void Builder::add_bytes(const std::string& name, const Shape& shape,
                        const std::vector<std::int8_t>& values) {
  add_tensor(graph_, name, onnx::TensorProto::INT8, shape, values);
}

void Builder::add_bytes(const std::string& name, const Shape& shape,
                        const std::vector<std::uint8_t>& values) {
  add_tensor(graph_, name, onnx::TensorProto::UINT8, shape, values);
}

void Builder::add_numbers(const std::string& name, const std::vector<std::int64_t>& values) {
  add_tensor(graph_, name, onnx::TensorProto::INT64, {static_cast<std::int64_t>(values.size())},
             values);
}

void Builder::add_halves(const std::string& name, const Shape& shape,
                         const std::vector<float>& values) {
  std::vector<std::uint16_t> halves(values.size());
  std::transform(values.begin(), values.end(), halves.begin(), to_half);
  add_tensor(graph_, name + "16", onnx::TensorProto::FLOAT16, shape, halves);
  set_attribute(add("Cast", {name + "16"}, name), "to",
                static_cast<std::int64_t>(onnx::TensorProto::FLOAT));
}

void Builder::add_convolution(const std::string& name, const std::string& from, std::int64_t stride,
                              std::int64_t padding, bool bias) {
  using Numbers = std::vector<std::int64_t>;
  std::vector<std::string> inputs{from, name + ".weight"};
  if (bias) {
    inputs.push_back(name + ".bias");
  }
  auto& node = add("Conv", inputs, name);
  set_attribute(node, "kernel_shape", Numbers{3, 3});
  set_attribute(node, "strides", Numbers{stride, stride});
  set_attribute(node, "pads", Numbers(4, padding));
}

std::string Builder::write(const std::map<std::string, std::string>& metadata) {
  for (const auto& [key, value] : metadata) {
    set_metadata(model_, key, value);
  }
  return model_.SerializeAsString();
}

}  // namespace impasto::graph
