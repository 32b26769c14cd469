#pragma once

#include <deque>
#include <vector>

#include "media/av.h"

namespace impasto::media {

/// Tells hard cuts between shots, frame by frame, from nothing but the frames so far.
///
/// Frames are compared as small pictures of their brightness, freed of mean and contrast, and by
/// the histograms of those, with each of the last few frames: a flash is brighter but alike, and
/// after it comes what was there before. Blank frames are no shot of their own; what comes after
/// them is compared with what came before.
class ShotDetector {
 public:
  /// Takes the next frame, planar; true when it is the first of a new shot. The very first frame of
  /// a video begins a shot but is no cut.
  bool is_cut(const AVFrame& frame);

 private:
  struct Look {
    std::vector<float> brightness;  ///< Small picture, mean 0, variance 1.
    std::vector<float> histogram;   ///< Of its values; sums to 1.
  };

  static Look look_at(const AVFrame& frame, bool& blank);
  [[nodiscard]] static double difference(const Look& one, const Look& other);

  std::deque<Look> recent_;         ///< Frames that were not blank, the latest last.
  std::deque<double> differences_;  ///< Between the latest pairs of frames, for what is usual.
};

}  // namespace impasto::media
