#pragma once

#include <filesystem>
#include <memory>
#include <openvino/runtime/core.hpp>
#include <string>

namespace impasto::engine::openvino {

/// Reads an ONNX file into OpenVINO's graph. Only the ONNX front end looks at it: the others would
/// print to the terminal about a file that is none of theirs.
/// Throws Error(bad_input) when the file is no ONNX net.
std::shared_ptr<ov::Model> read_net(const std::filesystem::path& onnx_file);

/// The sentence inside an OpenVINO exception, without the places in its source.
std::string reason(const std::exception& failure);

}  // namespace impasto::engine::openvino
