#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/calibration.h"

namespace impasto::engine {

/// The net of a style with a calibration folded in, as the bytes of a standard ONNX file (opset 17)
/// that takes and gives pictures [1,3,H,W] of any size its style takes, float RGB 0..1. With
/// `kept`, its convolutions but those named compute in 8 bits: QuantizeLinear and DequantizeLinear
/// around them, weights and biases as whole numbers. Throws Error(bad_input) naming the operator
/// when the net holds one that this cannot write.
std::string folded_onnx(const std::filesystem::path& onnx_file, const Calibration& calibration,
                        const std::optional<std::set<std::string>>& kept,
                        const std::map<std::string, std::string>& metadata);

}  // namespace impasto::engine
