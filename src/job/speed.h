#pragma once

#include <filesystem>

#include "base/size.h"
#include "engine/painter.h"

namespace impasto::job {

/// How fast this machine paints pictures of one size.
struct Speed {
  Size size;  ///< Of the frames ...
  Size work;  ///< ... and that the network works at.
  engine::PainterInfo painter;
  double network_fps = 0;  ///< The network alone, measured.
  /// CPU time of one frame in seconds, measured on painted frames: colours to float and back with
  /// all that brings the work size to the frame's, and encoding with the default h264 settings.
  double finish_seconds = 0;
  double encode_seconds = 0;
  /// All three sharing the same processors; worked out, since decoding depends on the clip.
  double paint_fps = 0;
};

/// Paints a made, moving texture for about a second, as films are painted, and encodes it.
/// `options.canvas` is set here. Throws like `engine::make_painter`, and Error(bad_input) when
/// there is no h264 encoder.
Speed measure_speed(const std::filesystem::path& style, Size size, engine::PainterOptions options);

}  // namespace impasto::job
