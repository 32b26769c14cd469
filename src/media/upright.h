#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "media/av.h"

namespace impasto::media {

/// How a stored picture has to be turned to stand upright, as libavfilter's filters say it:
/// "", "transpose=clock", "hflip,vflip", ...
std::string turn_for_display_matrix(const std::int32_t matrix[9]);
/// The same for an EXIF orientation 1..8; anything else needs no turn.
std::string turn_for_exif(int orientation);

/// Brings planar frames upright and deinterlaces them (bwdif, one frame out for each frame in).
/// Frames come out in order, at their own times, in the time base they came in.
class Upright {
 public:
  /// `turn` as from the functions above; `deinterlace`: frames flagged interlaced are deinterlaced.
  Upright(std::string turn, bool deinterlace, AVRational time_base);

  /// True when frames pass through untouched.
  [[nodiscard]] bool idle() const { return turn_.empty() && !deinterlace_; }
  /// Puts a frame in; null ends the stream. Throws Error(bug) when libavfilter refuses it.
  void put(const AVFrame* frame);
  /// The next finished frame, or null when more must be put in first.
  FramePtr take();

 private:
  void build(const AVFrame& frame);
  void drain();

  std::string turn_;
  bool deinterlace_;
  AVRational time_base_;
  FilterGraphPtr graph_;
  AVFilterContext* source_ = nullptr;
  AVFilterContext* sink_ = nullptr;
  int format_ = -1;
  int width_ = 0;
  int height_ = 0;
  std::deque<FramePtr> ready_;
};

}  // namespace impasto::media
