#include "job/work_size.h"

#include <algorithm>
#include <cmath>

namespace impasto::job {
namespace {

/// Strokes that are so much broader or finer are not told apart, and a picture that is painted at
/// its own size is sharp by itself.
constexpr double kNearly = 1.25;
constexpr double kMostEnlarged = 2;
constexpr int kLeastSide = 32;

int even(double length) {
  return std::max(kLeastSide, 2 * static_cast<int>(std::lround(length / 2)));
}

}  // namespace

Size work_size(Size frame, AVRational sample_aspect, std::optional<double> stroke) {
  if (!stroke) {
    return frame;
  }
  const double stretch = sample_aspect.num > 0 ? av_q2d(sample_aspect) : 1.0;
  const double width = frame.width * stretch;
  const double pixels = width * frame.height;
  double scale = std::sqrt(static_cast<double>(kStrokeSize.width) * kStrokeSize.height / pixels);
  scale = std::min(scale, kMostEnlarged);
  if (scale < kNearly && scale > 1 / kNearly) {
    scale = 1;
  }
  scale /= *stroke;
  return scale == 1 ? frame : Size{even(width * scale), even(frame.height * scale)};
}

}  // namespace impasto::job
