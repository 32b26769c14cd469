#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/picture.h"
#include "base/size.h"
#include "media/av.h"
#include "media/colour.h"
#include "media/reader.h"

namespace impasto::job {

/// How two videos are shown as one.
struct SideBySideOptions {
  /// Where a line, 0 (left edge) to 1, parts one picture: left of it the first video is seen, right
  /// of it the second. None: both whole, side by side.
  std::optional<double> split;
  std::array<std::string, 2> labels;  ///< Stand over the pictures; both empty: no room for them.
};

/// Where everything stands on the canvas; all even.
struct SideBySideLayout {
  Size canvas;
  int strip = 0;                 ///< Height of the labels' ground, on top.
  std::array<Size, 2> sizes;     ///< That the videos are scaled to.
  std::array<int, 2> lefts{};    ///< Where the part of each that is seen begins ...
  std::array<int, 2> offsets{};  ///< ... in columns of the canvas and of its own picture ...
  std::array<int, 2> widths{};   ///< ... and how many columns of it are seen.
  int caps = 0;                  ///< Height of the labels' capitals.
};

/// Pixels become square, and the second video as high as the first; with a line, as large.
SideBySideLayout lay_out(const media::VideoInfo& first, const media::VideoInfo& second,
                         const SideBySideOptions& options);

/// Puts frames of two videos on one canvas. Keeps its buffers; one object a thread.
class SideBySide {
 public:
  SideBySide(const SideBySideLayout& layout, const SideBySideOptions& options);

  /// Both upright and planar. The canvas, valid until the next call.
  const Picture& show(const AVFrame& first, const AVFrame& second);

 private:
  void draw_labels(const SideBySideOptions& options);
  void put(const AVFrame& frame, std::size_t which);

  SideBySideLayout layout_;
  std::array<Picture, 2> pictures_;
  std::array<media::ColourConverter, 2> converters_;
  Picture canvas_;
};

}  // namespace impasto::job
