#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/size.h"
#include "engine/painter.h"

namespace impasto::job {

/// What painting a few frames of a film came to.
struct Trial {
  double seconds_a_frame = 0;
  double bytes_of_first = 0;  ///< The encoded frame that all others lean on ...
  double bytes_a_frame = 0;   ///< ... and the mean of those others.
};

/// What a process that paints segments tells the one that supervises it; a line of JSON.
struct PaintEvent {
  enum class Kind {
    ready,   ///< It can be told what to paint.
    frames,  ///< So many of the segment's frames are painted; at the same number: it is alive.
    done,    ///< The segment is there.
    tried,   ///< A few frames of it have been painted for their figures; it is not there.
    failed,  ///< It is not; or, before `ready`, the process cannot paint at all.
  };
  Kind kind = Kind::ready;
  std::int64_t frames = 0;
  std::uint64_t peak_memory = 0;
  ExitCode code = ExitCode::done;  ///< Of a failure ...
  std::string error;               ///< ... and its sentence.
  Trial trial;                     ///< Of `tried`.
  engine::PainterInfo painter;     ///< Of `ready`.
  Size work;                       ///< The same: that the network works at.
};

/// As a line, and back; nothing for a line that is none.
std::string to_line(const PaintEvent& event);
std::optional<PaintEvent> event_from_line(const std::string& line);

/// What it is told to do with a segment.
struct PaintOrder {
  enum class Kind {
    paint,
    trial,      ///< Paint a few of its frames, for their figures.
    unpainted,  ///< Encode its frames as they are, to stand for one that cannot be painted.
  };
  std::size_t segment = 0;
  Kind kind = Kind::paint;
};
std::string to_line(const PaintOrder& order);
std::optional<PaintOrder> order_from_line(const std::string& line);

}  // namespace impasto::job
