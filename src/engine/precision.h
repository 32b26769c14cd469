#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/picture.h"
#include "engine/calibration.h"
#include "engine/painter.h"

namespace impasto::engine {

/// A picture and what it is painted by.
struct Sample {
  std::shared_ptr<const Picture> picture;
  std::shared_ptr<const Calibration> calibration;
};

/// What a film is painted in, and how well that does.
struct PrecisionChoice {
  std::string precision;       ///< "int8", "bf16", "f32"
  std::set<std::string> kept;  ///< With int8: convolutions that stay in higher precision.
  double psnr = 0;             ///< Of the worst sample against float32, in dB; 0: not measured.
};

/// The likeness to float32 that "auto" asks of int8, in dB of PSNR on every sample: above it nobody
/// sees a difference.
constexpr double kEnough = 37;

/// What the device paints a style in: int8 where every sample stays above `kEnough`, if need be
/// with the convolutions that cost most kept in higher precision (half of them at most); else what
/// "auto" is without it. A `wanted` other than "auto" is taken as it is, and only measured.
PrecisionChoice choose_precision(const std::filesystem::path& onnx_file,
                                 const PainterOptions& options, const std::string& wanted,
                                 const std::vector<Sample>& samples);

}  // namespace impasto::engine
