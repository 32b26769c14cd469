#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/onnx_file.h"

namespace impasto::graph {

/// Shapes of a net's float tensors by name, for one size of its input.
using Shapes = std::map<std::string, Shape>;

/// Who makes and who takes each tensor of a graph. Valid until the graph's nodes change.
class GraphIndex {
 public:
  explicit GraphIndex(const onnx::GraphProto& graph);

  /// The node that gives a tensor; null for inputs and weights.
  [[nodiscard]] const onnx::NodeProto* producer(const std::string& tensor) const;
  /// A weight, or computed from weights alone.
  [[nodiscard]] bool is_constant(const std::string& tensor) const {
    return constants_.count(tensor) > 0;
  }
  /// Tensors that follow from `source` and constants alone through `operators`, in graph order.
  [[nodiscard]] std::vector<std::string> reachable(const std::string& source,
                                                   const std::set<std::string>& operators) const;
  /// Kinds of the operators that lie between two tensors.
  [[nodiscard]] std::set<std::string> operators_between(const std::string& source,
                                                        const std::string& result) const;

 private:
  const onnx::GraphProto& graph_;
  std::map<std::string, const onnx::NodeProto*> producers_;
  std::set<std::string> constants_;
};

/// A weight of the graph by name; null when there is none.
const onnx::TensorProto* find_weight(const onnx::GraphProto& graph, const std::string& name);
/// Values of a weight; both empty for other types.
std::vector<float> float_values(const onnx::TensorProto& weight);
std::vector<std::int64_t> int_values(const onnx::TensorProto& weight);
/// Adds a weight under a name that is still free, beginning with `prefix`; returns the name.
std::string add_weight(onnx::GraphProto& graph, const std::string& prefix, const Shape& shape,
                       const std::vector<float>& values);
std::string add_weight(onnx::GraphProto& graph, const std::string& prefix,
                       const std::vector<std::int64_t>& values);

/// The attribute of a node; null when it has none of the name.
const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const std::string& name);
void set_attribute(onnx::NodeProto& node, const std::string& name, float value);
void set_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value);
void set_attribute(onnx::NodeProto& node, const std::string& name, const std::string& value);
void set_attribute(onnx::NodeProto& node, const std::string& name,
                   const std::vector<std::int64_t>& values);
void remove_attribute(onnx::NodeProto& node, const std::string& name);

/// Makes the tensor `result` the output of one new operator in place of the one that gave it.
/// Returns the node, its attributes empty.
onnx::NodeProto& replace_producer(onnx::GraphProto& graph, const std::string& result,
                                  const std::string& op, const std::vector<std::string>& inputs);

/// Adds an empty node directly before the one that gives `result`.
onnx::NodeProto& insert_before(onnx::GraphProto& graph, const std::string& result);

/// Drops nodes and weights that the output does not depend on.
void remove_unused(onnx::GraphProto& graph);

/// Shapes of the float tensors when the input has this shape. Tensors that cannot be told are left
/// out.
Shapes infer_shapes(const onnx::ModelProto& model, const Shape& input);

/// The part of a net that leads from one tensor to another, as a net of its own.
onnx::ModelProto cut(const onnx::ModelProto& model, const std::string& from,
                     const Shape& from_shape, const std::string& to);

}  // namespace impasto::graph
