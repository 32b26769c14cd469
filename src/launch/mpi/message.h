#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "job/crew.h"

namespace impasto::launch {

/// What rank 0, which hands out segments, and the others tell each other; a line of JSON.
struct Message {
  enum class Kind {
    // To rank 0.
    joined,   ///< `text`: the host.
    idle,     ///< A worker wants a segment, whenever there is one; said again until it comes.
    alive,    ///< `frames`: painted there in all. Rank 0 answers with the same.
    ended,    ///< `task`, `how`, and of a failure `code` and `text`.
    refused,  ///< Nothing can be painted there: `code` and `text`.
    left,     ///< Nothing is painted there any more.
    // From rank 0.
    paint,  ///< `task`.
    stop,   ///< Finish what is soon whole, drop the rest, and say `left`.
    over,   ///< End. `part_alone`: some rank is lost, so that nobody can wait for all.
  };
  Kind kind = Kind::alive;
  job::Task task = {};
  job::Outcome::Kind how = job::Outcome::Kind::done;
  ExitCode code = ExitCode::done;
  std::string text = {};
  std::int64_t frames = 0;
  std::int64_t wish = 0;  ///< Of `idle`: a number of its own, so that it is met once.
  bool part_alone = false;
};

std::string to_line(const Message& message);
/// Nothing for a line that is none.
std::optional<Message> message_from_line(const std::string& line);

}  // namespace impasto::launch
