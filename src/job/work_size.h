#pragma once

#include <optional>

#include "base/size.h"
#include "media/av.h"

namespace impasto::job {

/// The size that strokes are made for: a style looks there as it was learnt to.
constexpr Size kStrokeSize{1280, 720};

/// The size that a network works at so that its strokes, which have a size in pixels, fit a frame:
/// `stroke` 1 gives them the size, relative to the picture, that they have at kStrokeSize, 2 twice
/// that. Frames that are nearly as large are painted as they are, and small ones are never made
/// more than twice as large for it. None: the frame's own size. Even sides; pixels become square
/// where the size changes.
Size work_size(Size frame, AVRational sample_aspect, std::optional<double> stroke);

}  // namespace impasto::job
