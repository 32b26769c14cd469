#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

namespace impasto::style {

/// Brings an old net to today's form: weights are no inputs, constants are weights, operators of
/// opset 13 or newer. What was done is added to `notes`.
/// Throws Error(bad_input) when an operator of the net called `file` cannot be brought over.
void modernise(onnx::ModelProto& model, const std::string& file, std::vector<std::string>& notes);

}  // namespace impasto::style
