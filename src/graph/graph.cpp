#include "graph/graph.h"

#include <fmt/format.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <cstring>
#include <exception>

namespace impasto::graph {
namespace {

/// Values out of a tensor's typed field or its raw bytes (little-endian, as this machine's).
template <typename Value, typename Field>
std::vector<Value> values_of(const onnx::TensorProto& weight, const Field& field) {
  if (!weight.has_raw_data()) {
    return {field.begin(), field.end()};
  }
  std::vector<Value> values(weight.raw_data().size() / sizeof(Value));
  std::memcpy(values.data(), weight.raw_data().data(), values.size() * sizeof(Value));
  return values;
}

std::string free_name(const onnx::GraphProto& graph, const std::string& prefix) {
  std::set<std::string> taken;
  for (const auto& node : graph.node()) {
    taken.insert(node.output().begin(), node.output().end());
  }
  for (const auto& weight : graph.initializer()) {
    taken.insert(weight.name());
  }
  for (int count = 0;; ++count) {
    std::string name = fmt::format("{}_{}", prefix, count);
    if (taken.count(name) == 0) {
      return name;
    }
  }
}

onnx::AttributeProto& fresh_attribute(onnx::NodeProto& node, const std::string& name,
                                      onnx::AttributeProto::AttributeType type) {
  remove_attribute(node, name);
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

/// Nodes that a tensor depends on, down to `source`.
std::set<const onnx::NodeProto*> nodes_before(
    const std::map<std::string, const onnx::NodeProto*>& producers, const std::string& result,
    const std::string& source) {
  std::set<const onnx::NodeProto*> nodes;
  std::vector<std::string> open{result};
  while (!open.empty()) {
    const std::string tensor = open.back();
    open.pop_back();
    const auto found = producers.find(tensor);
    if (tensor == source || found == producers.end() || !nodes.insert(found->second).second) {
      continue;
    }
    open.insert(open.end(), found->second->input().begin(), found->second->input().end());
  }
  return nodes;
}

int place_of_producer(const onnx::GraphProto& graph, const std::string& tensor) {
  const auto gives_tensor = [&](const onnx::NodeProto& node) {
    return std::find(node.output().begin(), node.output().end(), tensor) != node.output().end();
  };
  const auto& nodes = graph.node();
  return static_cast<int>(std::find_if(nodes.begin(), nodes.end(), gives_tensor) - nodes.begin());
}

std::map<std::string, const onnx::NodeProto*> producers_of(const onnx::GraphProto& graph) {
  std::map<std::string, const onnx::NodeProto*> producers;
  for (const auto& node : graph.node()) {
    for (const auto& output : node.output()) {
      producers[output] = &node;
    }
  }
  return producers;
}

}  // namespace

GraphIndex::GraphIndex(const onnx::GraphProto& graph)
    : graph_(graph), producers_(producers_of(graph)) {
  constants_.insert("");  // an optional input that is not given
  for (const auto& weight : graph.initializer()) {
    constants_.insert(weight.name());
  }
  for (const auto& node : graph.node()) {
    const bool constant = std::all_of(node.input().begin(), node.input().end(),
                                      [&](const auto& input) { return is_constant(input); });
    if (constant) {
      constants_.insert(node.output().begin(), node.output().end());
    }
  }
}

const onnx::NodeProto* GraphIndex::producer(const std::string& tensor) const {
  const auto found = producers_.find(tensor);
  return found == producers_.end() ? nullptr : found->second;
}

std::vector<std::string> GraphIndex::reachable(const std::string& source,
                                               const std::set<std::string>& operators) const {
  std::set<std::string> known{source};
  std::vector<std::string> order;
  for (const auto& node : graph_.node()) {
    const auto from_source = [&](const auto& input) { return known.count(input) > 0; };
    const bool follows =
        std::any_of(node.input().begin(), node.input().end(), from_source) &&
        std::all_of(node.input().begin(), node.input().end(),
                    [&](const auto& input) { return from_source(input) || is_constant(input); });
    if (follows && operators.count(node.op_type()) > 0) {
      known.insert(node.output().begin(), node.output().end());
      order.insert(order.end(), node.output().begin(), node.output().end());
    }
  }
  return order;
}

std::set<std::string> GraphIndex::operators_between(const std::string& source,
                                                    const std::string& result) const {
  std::set<std::string> operators;
  for (const onnx::NodeProto* node : nodes_before(producers_, result, source)) {
    operators.insert(node->op_type());
  }
  return operators;
}

const onnx::TensorProto* find_weight(const onnx::GraphProto& graph, const std::string& name) {
  for (const auto& weight : graph.initializer()) {
    if (weight.name() == name) {
      return &weight;
    }
  }
  return nullptr;
}

std::vector<float> float_values(const onnx::TensorProto& weight) {
  if (weight.data_type() != onnx::TensorProto::FLOAT) {
    return {};
  }
  return values_of<float>(weight, weight.float_data());
}

std::vector<std::int64_t> int_values(const onnx::TensorProto& weight) {
  if (weight.data_type() == onnx::TensorProto::INT32) {
    const auto values = values_of<std::int32_t>(weight, weight.int32_data());
    return {values.begin(), values.end()};
  }
  if (weight.data_type() != onnx::TensorProto::INT64) {
    return {};
  }
  return values_of<std::int64_t>(weight, weight.int64_data());
}

std::string add_weight(onnx::GraphProto& graph, const std::string& prefix, const Shape& shape,
                       const std::vector<float>& values) {
  std::string name = free_name(graph, prefix);
  auto& weight = *graph.add_initializer();
  weight.set_name(name);
  weight.set_data_type(onnx::TensorProto::FLOAT);
  weight.mutable_dims()->Add(shape.begin(), shape.end());
  weight.set_raw_data(values.data(), values.size() * sizeof(float));
  return name;
}

std::string add_weight(onnx::GraphProto& graph, const std::string& prefix,
                       const std::vector<std::int64_t>& values) {
  std::string name = free_name(graph, prefix);
  auto& weight = *graph.add_initializer();
  weight.set_name(name);
  weight.set_data_type(onnx::TensorProto::INT64);
  weight.add_dims(static_cast<std::int64_t>(values.size()));
  weight.set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
  return name;
}

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const std::string& name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name) {
      return &attribute;
    }
  }
  return nullptr;
}

void set_attribute(onnx::NodeProto& node, const std::string& name, float value) {
  fresh_attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  fresh_attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, const std::string& value) {
  fresh_attribute(node, name, onnx::AttributeProto::STRING).set_s(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name,
                   const std::vector<std::int64_t>& values) {
  auto& attribute = fresh_attribute(node, name, onnx::AttributeProto::INTS);
  attribute.mutable_ints()->Add(values.begin(), values.end());
}

void remove_attribute(onnx::NodeProto& node, const std::string& name) {
  auto& attributes = *node.mutable_attribute();
  attributes.erase(std::remove_if(attributes.begin(), attributes.end(),
                                  [&](const auto& one) { return one.name() == name; }),
                   attributes.end());
}

onnx::NodeProto& replace_producer(onnx::GraphProto& graph, const std::string& result,
                                  const std::string& op, const std::vector<std::string>& inputs) {
  auto& node = *graph.mutable_node(place_of_producer(graph, result));
  node.Clear();
  node.set_op_type(op);
  node.set_name(result);
  for (const auto& input : inputs) {
    node.add_input(input);
  }
  node.add_output(result);
  return node;
}

onnx::NodeProto& insert_before(onnx::GraphProto& graph, const std::string& result) {
  const int place = place_of_producer(graph, result);
  graph.add_node();
  auto& nodes = *graph.mutable_node();
  std::rotate(nodes.begin() + place, nodes.end() - 1, nodes.end());
  return nodes[place];
}

void remove_unused(onnx::GraphProto& graph) {
  const auto producers = producers_of(graph);
  std::set<const onnx::NodeProto*> used;
  for (const auto& output : graph.output()) {
    used.merge(nodes_before(producers, output.name(), ""));
  }
  std::set<std::string> read;
  for (const onnx::NodeProto* node : used) {
    read.insert(node->input().begin(), node->input().end());
  }
  // `remove_if` moves messages about, which would change what the pointers in `used` stand for.
  std::vector<int> unused;
  for (int index = graph.node_size() - 1; index >= 0; --index) {
    if (used.count(&graph.node(index)) == 0) {
      unused.push_back(index);
    }
  }
  for (const int index : unused) {
    graph.mutable_node()->DeleteSubrange(index, 1);
  }
  for (int index = graph.initializer_size() - 1; index >= 0; --index) {
    if (read.count(graph.initializer(index).name()) == 0) {
      graph.mutable_initializer()->DeleteSubrange(index, 1);
    }
  }
}

Shapes infer_shapes(const onnx::ModelProto& model, const Shape& input) {
  onnx::ModelProto copy = model;
  copy.mutable_graph()->clear_value_info();
  set_shape(*copy.mutable_graph()->mutable_input(0), input);
  copy.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  try {
    onnx::shape_inference::InferShapes(copy, onnx::OpSchemaRegistry::Instance(),
                                       onnx::ShapeInferenceOptions(false, 0, true));
  } catch (const std::exception&) {
    return {};  // an operator that is not known here: nothing is told, so nothing is rewritten
  }
  Shapes shapes;
  const auto note = [&](const onnx::ValueInfoProto& value) {
    const auto& type = value.type().tensor_type();
    if (type.elem_type() == onnx::TensorProto::FLOAT && type.has_shape()) {
      const Shape shape = shape_of(value);
      if (std::find(shape.begin(), shape.end(), -1) == shape.end()) {
        shapes[value.name()] = shape;
      }
    }
  };
  note(copy.graph().input(0));
  note(copy.graph().output(0));
  std::for_each(copy.graph().value_info().begin(), copy.graph().value_info().end(), note);
  return shapes;
}

onnx::ModelProto cut(const onnx::ModelProto& model, const std::string& from,
                     const Shape& from_shape, const std::string& to) {
  onnx::ModelProto part;
  part.set_ir_version(model.ir_version());
  *part.mutable_opset_import() = model.opset_import();
  auto& graph = *part.mutable_graph();
  graph.set_name("part");
  const auto wanted = nodes_before(producers_of(model.graph()), to, from);
  for (const auto& node : model.graph().node()) {
    if (wanted.count(&node) > 0) {
      *graph.add_node() = node;
    }
  }
  *graph.mutable_initializer() = model.graph().initializer();
  auto& input = *graph.add_input();
  input.set_name(from);
  set_shape(input, from_shape);
  auto& output = *graph.add_output();
  output.set_name(to);
  output.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  remove_unused(graph);
  return part;
}

}  // namespace impasto::graph
