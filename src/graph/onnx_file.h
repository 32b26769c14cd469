#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace impasto::graph {

/// A shape; -1 stands for a dimension that is open.
using Shape = std::vector<std::int64_t>;

/// The one input and the one output of a net.
struct Ports {
  std::string input;
  Shape input_shape;
  std::string output;
  Shape output_shape;  ///< Empty where the net does not say.
};

/// Reads the bytes of an ONNX file called `file` (for the sentences only).
/// Throws Error(bad_input) when they are no ONNX net, or keep their weights in other files.
onnx::ModelProto parse_onnx(std::string_view bytes, const std::string& file);

/// The ports of a net that takes a picture [N,3,H,W] in float32 and gives one.
/// Throws Error(bad_input) saying in what the net called `file` differs.
Ports picture_ports(const onnx::ModelProto& model, const std::string& file);

/// The value of a metadata key; empty where there is none.
std::string metadata(const onnx::ModelProto& model, const std::string& key);
/// Sets a metadata key; an empty value removes it.
void set_metadata(onnx::ModelProto& model, const std::string& key, const std::string& value);

/// Shape of a tensor type; empty where it has none.
Shape shape_of(const onnx::ValueInfoProto& value);
/// Gives a value float32 and this shape; open dimensions get the names in `open`, by position.
void set_shape(onnx::ValueInfoProto& value, const Shape& shape,
               const std::vector<std::string>& open = {"N", "C", "H", "W"});
/// "[1,3,?,?]".
std::string to_string(const Shape& shape);

/// Version of the standard operators that the net was written for.
std::int64_t opset(const onnx::ModelProto& model);

}  // namespace impasto::graph
