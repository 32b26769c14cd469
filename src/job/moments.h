#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/picture.h"
#include "media/reader.h"
#include "store/store.h"

namespace impasto::job {

/// One frame of a clip, shown with square pixels.
struct Moment {
  media::Seconds time{};  ///< From the clip's beginning: what `--start` takes.
  Picture picture;        ///< Margins mirrored: ready to be painted.
};

/// The size to show a video of this size in, with square pixels: at most `pixels` pixels in all,
/// never enlarged, even.
Size modest_size(Size video, AVRational sample_aspect, int pixels);

/// Takes `count` frames spread over a clip: the middle of each of as many equal parts, or another
/// place where that is blank (a fade, a black lead-in). Fewer come back when the clip has no more,
/// in the order of time; a still picture has one. Seeks where it can: takes about as long as
/// decoding `count` groups of pictures. Throws like media::Reader when there is not one.
std::vector<Moment> take_moments(const std::shared_ptr<store::Source>& source,
                                 const media::Reader& whole, int count, Size size, int threads);

}  // namespace impasto::job
