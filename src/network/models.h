#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace impasto::network {

/// The network that every painting is painted with, and the one that reads a painting's code.
inline constexpr const char* kPainterFile = "painter.onnx";  ///< As `write_base` makes it.
inline constexpr const char* kReaderFile =
    "reader.onnx";  ///< `painting` [1,3,H,W] RGB 0..1 -> `code` [1,2688].
inline constexpr const char* kEnlargerFile = "enlarger.onnx";  ///< As `write_enlarger` makes it.

/// The folders that the base network is looked up in, first wins: $IMPASTO_MODELS
/// (colon-separated), the program's (`../models` and `../share/impasto/models` beside the
/// executable's folder).
std::vector<std::filesystem::path> model_folders();

/// Where a file of the base network lies. Throws Error(bad_input) saying where it was looked for.
std::filesystem::path find_model(const std::string& file_name);

}  // namespace impasto::network
