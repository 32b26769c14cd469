#pragma once

#include "media/av.h"

namespace impasto::media {

/// The planar, native-endian format that holds everything `format` holds: semi-planar, packed,
/// palette and big-endian formats only get their samples moved, none is rounded. Planar ones are
/// returned as they are; yuvj formats lose the j, since the range stands beside the format.
AVPixelFormat planar_equivalent(AVPixelFormat format);

/// Brings a frame into `planar_equivalent` layout: itself where it is planar already. Properties
/// (times, colour, side data) are kept. Throws Error(bad_input) for a format that cannot be read.
FramePtr planar(FramePtr frame);

/// The way back, from planar to the packed layout that some encoders want: itself where it has that
/// format already. Properties are kept. Throws Error(bug) when the two hold different things.
FramePtr packed(FramePtr frame, AVPixelFormat format);

}  // namespace impasto::media
