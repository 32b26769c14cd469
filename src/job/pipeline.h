#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/size.h"
#include "media/av.h"
#include "media/reader.h"

namespace impasto::job {

/// A painted frame, but for what has to be done in order.
using Unfinished = std::function<media::FramePtr()>;

/// What a stage does with frames; called from several threads at once, each with a worker's number.
using PaintFrame = std::function<Unfinished(std::size_t worker, const AVFrame& source)>;

struct PipelineEnds {
  /// Each frame in order, before it is painted, on the reading thread; empty: nobody looks.
  std::function<void(const AVFrame& source)> see_frame;
  PaintFrame paint;
  std::function<void(media::FramePtr painted)> write_frame;   ///< In order, on the calling thread.
  std::function<void(media::PacketPtr packet)> write_packet;  ///< In order, on the calling thread.
};

/// Frames of a size that may be inside a pipeline at once: for each worker one that is read, one
/// that is painted and one that is written; where a few fill the memory, one for each and one more.
std::size_t frames_in_flight(std::size_t workers, Size size);

/// Reads, paints and writes at the same time: one thread reads, `workers` threads paint, the
/// calling thread writes. At most `in_flight` frames are inside at once, so memory does not grow
/// with length. The first failure of any stage ends all of them and is thrown here; a request to
/// stop (base/interrupt.h) throws Error(interrupted).
void run_pipeline(media::Reader& reader, std::size_t workers, std::size_t in_flight,
                  const PipelineEnds& ends);

}  // namespace impasto::job
