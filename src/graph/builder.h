#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/onnx_file.h"

namespace impasto::graph {

/// Writes an ONNX net (opset 17) operator by operator, in the order of its computation.
class Builder {
 public:
  explicit Builder(const std::string& name);

  void add_input(const std::string& name, const Shape& shape);
  void add_output(const std::string& name, const Shape& shape);

  /// An operator with one output, which is also its name. The node stays valid until the end.
  onnx::NodeProto& add(const std::string& op, const std::vector<std::string>& inputs,
                       const std::string& output);

  void add_floats(const std::string& name, const Shape& shape, const std::vector<float>& values);
  /// 8-bit whole numbers, for quantised nets.
  void add_bytes(const std::string& name, const Shape& shape,
                 const std::vector<std::int8_t>& values);
  void add_bytes(const std::string& name, const Shape& shape,
                 const std::vector<std::uint8_t>& values);
  void add_numbers(const std::string& name, const std::vector<std::int64_t>& values);
  /// Weights kept in 16 bits under `name` + "16", with the cast that gives them back as `name`.
  void add_halves(const std::string& name, const Shape& shape, const std::vector<float>& values);

  /// A 3×3 convolution called `name` with `padding` zeros on each side; its weight, and bias where
  /// there is one, are tensors of the net called `name`.weight and `name`.bias.
  void add_convolution(const std::string& name, const std::string& from, std::int64_t stride,
                       std::int64_t padding, bool bias);

  /// The file's bytes.
  std::string write(const std::map<std::string, std::string>& metadata);

 private:
  onnx::ModelProto model_;
  onnx::GraphProto& graph_ = *model_.mutable_graph();
};

}  // namespace impasto::graph
