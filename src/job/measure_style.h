#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "media/painted_photo.h"
#include "style/style.h"

namespace impasto::job {

struct MeasureOptions {
  std::filesystem::path photos;  ///< A folder.
  std::size_t most = 32;         ///< Photos, an even choice where there are more.
  std::string device = "cpu";
  int threads = 0;
};

/// Paints photos as styles are measured by: 512×512 out of the middle of each, seen at 512 pixels
/// on its short side, in float32; and the same moved by up to seven pixels, with a little noise as
/// a camera has it. Always the same pixels for the same folder. `take` gets them one by one and
/// returns whether it wants more.
/// Throws like media::load_photos and engine::make_painter; Error(interrupted) when told to stop.
void paint_to_measure(const style::Style& style, const MeasureOptions& options,
                      const std::function<bool(const media::PaintedPhoto&)>& take);

}  // namespace impasto::job
