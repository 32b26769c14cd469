#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/size.h"
#include "engine/painter.h"
#include "job/film_calibration.h"
#include "media/reader.h"

namespace impasto::job {

/// Is shown every frame of a film that is read, in order.
using FrameObserver = std::function<void(const AVFrame&)>;

/// Reads a film to its end, with progress under `name`: finds its shots, looks at a few frames of
/// each, and chooses the precision. Empty, cuts included, for a style without instance norms, whose
/// frames are all painted alike anyway. `size` is that of the float pictures, `options` what the
/// painter will be made with; `reader` is at its beginning. An interrupt ends it with
/// Error(interrupted).
FilmCalibration calibrate_film(media::Reader& reader, const std::string& name, Size size,
                               const std::filesystem::path& onnx_file,
                               const engine::PainterOptions& options, Progress& progress,
                               const FrameObserver& also = {});

/// Reads a film to its end for its cuts alone.
std::vector<std::int64_t> find_cuts(media::Reader& reader, const std::string& name,
                                    Progress& progress, const FrameObserver& also = {});

/// What calibrate_film() finds for one picture that is too large to be painted at once.
FilmCalibration calibrate_picture(const AVFrame& frame, Size size,
                                  const std::filesystem::path& onnx_file,
                                  const engine::PainterOptions& options);

}  // namespace impasto::job
