#pragma once

#include "media/av.h"

namespace impasto::media {

/// The planar, native-endian format that holds everything `format` holds: semi-planar, packed,
/// palette and big-endian formats only get their samples moved, none is rounded. Planar ones are
/// returned as they are; yuvj formats lose the j, since the range stands beside the format.
AVPixelFormat planar_equivalent(AVPixelFormat format);

/// Brings frames into `planar_equivalent` layout. Not thread-safe.
class Planariser {
 public:
  /// The frame itself where it is planar already. Properties (times, colour, side data) are kept.
  /// Throws Error(bad_input) for a format that cannot be read.
  FramePtr apply(FramePtr frame);

 private:
  SwsContextPtr context_;
};

/// The way back: from planar to the packed layout that some encoders want. Not thread-safe.
class Packer {
 public:
  /// The frame itself where it has that format already. Properties are kept.
  FramePtr apply(FramePtr frame, AVPixelFormat format);

 private:
  SwsContextPtr context_;
};

}  // namespace impasto::media
