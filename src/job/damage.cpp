#include "job/damage.h"

#include <fmt/format.h>

#include <cstdint>

namespace impasto::job {

std::vector<std::string> damage_of(const media::Reader& reader) {
  std::vector<std::string> damage;
  const media::ReadCounts& counts = reader.counts();
  if (counts.concealed > 0) {
    damage.push_back(fmt::format(
        "{} frames were damaged and painted as far as they could be decoded", counts.concealed));
  }
  if (counts.undecodable > 0) {
    damage.push_back(fmt::format("{} damaged packets gave no frame; those frames are missing",
                                 counts.undecodable));
  }
  const std::int64_t expected = reader.video().frames;
  if (reader.video().truncated && expected > counts.frames) {
    damage.push_back(
        fmt::format("the file was cut off: {} of {} frames are there", counts.frames, expected));
  }
  if (counts.missing_seconds > 0) {
    damage.push_back(fmt::format(
        "the file was cut off: its last {:.1f} seconds are missing; what is there is painted",
        counts.missing_seconds));
  }
  if (counts.retimed > 0) {
    damage.push_back(
        fmt::format("{} frames had no time of their own or one before their "
                    "forerunner's; they follow it by the least step",
                    counts.retimed));
  }
  return damage;
}

}  // namespace impasto::job
