#pragma once

#include <string>

#include "base/progress.h"
#include "engine/precision.h"
#include "media/reader.h"

namespace impasto::job {

/// What `impasto export` is asked for.
struct ExportOptions {
  std::string style;  ///< As Atelier::style takes it.
  std::string device = "cpu";
  std::string precision = "auto";  ///< auto | f32 | int8
  media::Seconds at{};             ///< The moment whose stretch of film is folded in.
  int threads = 0;
  bool overwrite = false;
};

struct ExportResult {
  engine::PrecisionChoice precision;
  std::size_t stretches = 0;  ///< Of the whole clip, of which one was folded in.
  std::size_t bytes = 0;
};

/// Calibrates a style on a clip and writes its net with that folded in, and quantised where the
/// precision is int8, as a standard ONNX file. Throws Error with a sentence and the exit code that
/// fits: like Atelier::style, media::Reader, calibration_of() and engine::folded_onnx().
ExportResult export_folded(const std::string& clip, const std::string& output,
                           const ExportOptions& options, Progress& progress);

}  // namespace impasto::job
