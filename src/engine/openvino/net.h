#pragma once

#include <filesystem>
#include <memory>
#include <openvino/runtime/core.hpp>
#include <string>
#include <vector>

#include "base/size.h"

namespace impasto::engine::openvino {

/// Reads an ONNX file into OpenVINO's graph. Only the ONNX front end looks at it: the others would
/// print to the terminal about a file that is none of theirs.
/// Throws Error(bad_input) when the file is no ONNX net.
std::shared_ptr<ov::Model> read_net(const std::filesystem::path& onnx_file);

constexpr const char* kCode = "code";  ///< The name of a base painter's second input.

/// The inputs that hold a picture and, in a base painter, a code; null when there is none.
struct Inputs {
  ov::Output<const ov::Node> picture;
  ov::Output<const ov::Node> code;
};

Inputs inputs_of(const std::vector<ov::Output<const ov::Node>>& ports);

/// Numbers of the code that a net takes; 0 for a style.
std::size_t code_length(const Inputs& inputs);

/// [1, 3, H, W]
ov::Shape shape_of(Size canvas);

/// The net of a style or a base painter for pictures of one size. Throws Error(bad_input) when it
/// is neither, or does not keep the size.
std::shared_ptr<ov::Model> read_for_canvas(const std::filesystem::path& onnx_file, Size canvas);

/// The sentence inside an OpenVINO exception, without the places in its source.
std::string reason(const std::exception& failure);

}  // namespace impasto::engine::openvino
