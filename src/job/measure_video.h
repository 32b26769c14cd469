#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/progress.h"
#include "temporal/metrics.h"

namespace impasto::job {

struct VideoMeasureOptions {
  /// A folder of .flo files to measure along, one for each pair of frames or for some: the last
  /// number in a file's name is that of the frame that its flow begins at, counted from 1, and it
  /// leads to the next. occ_NUMBER.png and invalid_NUMBER.png beside it, where there are any, are
  /// white where the place is covered in the next frame or the flow is not known. Empty: flow is
  /// sought in the source, as well as OpenCV's DIS can.
  std::string flow;
};

/// How steady and how sharp one frame is. What could not be measured has no places.
struct FrameMeasure {
  double seconds = 0;
  bool cut = false;                     ///< Nothing leads here from the frame before.
  temporal::Difference warping;         ///< Of the painting, against the frame before.
  temporal::Difference source_warping;  ///< The same of the source: what flow cannot explain.
  temporal::Difference flicker;         ///< Of the painting where the source stands still.
  temporal::Difference source_flicker;
  double sharpness = 0;
  double source_sharpness = 0;
};

struct VideoMeasure {
  std::string painted;
  std::string source;
  std::string flow;        ///< The folder, or empty.
  std::size_t pixels = 0;  ///< Of a frame.
  std::vector<FrameMeasure> frames;
};

/// Measures a painting against its source, frame by frame, both at the painting's size. Uses all
/// cores. Throws Error(bad_input) like media::Reader, when the two have not the same frames at the
/// same times, when there are not two of them, and when a flow field is not of the painting's size;
/// Error(interrupted) when told to stop.
VideoMeasure measure_video(const std::string& painted, const std::string& source,
                           const VideoMeasureOptions& options, Progress& progress);

/// All frames as one: differences weighed by their places, sharpness averaged.
FrameMeasure overall(const VideoMeasure& measure);

}  // namespace impasto::job
