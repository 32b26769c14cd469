#include "job/style_schedule.h"

#include <algorithm>
#include <utility>

namespace impasto::job {
namespace {

/// Times of frames are products of integers and fractions: not quite what a user writes.
constexpr media::Seconds kRounding{1e-4};

double smoothstep(double x) {
  const double in_range = std::clamp(x, 0.0, 1.0);
  return in_range * in_range * (3 - 2 * in_range);
}

}  // namespace

StyleSchedule::StyleSchedule(std::vector<CodeKey> keys, const StyleFade& fade,
                             const std::vector<media::Seconds>& cuts)
    : keys_(std::move(keys)), fade_(fade) {
  for (const media::Seconds time : cuts) {
    while (changes_.size() + 1 < keys_.size() &&
           keys_[changes_.size() + 1].time <= time + kRounding) {
      changes_.push_back(time);
    }
  }
}

/// How far a key has taken over from the one before it, 0 to 1; falls from key to key.
double StyleSchedule::progress(std::size_t key, media::Seconds time) const {
  const media::Seconds when = keys_[key].time;
  switch (fade_.kind) {
    case StyleFade::Kind::continuous: {
      const media::Seconds before = keys_[key - 1].time;
      return std::clamp((time - before) / (when - before), 0.0, 1.0);
    }
    case StyleFade::Kind::shot:
      return key <= changes_.size() && changes_[key - 1] <= time ? 1 : 0;
    case StyleFade::Kind::smooth:
      break;
  }
  if (fade_.seconds.count() <= 0) {
    return when <= time + kRounding ? 1 : 0;
  }
  return smoothstep((time - when) / fade_.seconds + 0.5);
}

network::Code StyleSchedule::code_at(media::Seconds time) const {
  std::vector<std::pair<network::Code, double>> shares;
  double taken_over = 1;
  for (std::size_t key = 0; key < keys_.size(); ++key) {
    const double next = key + 1 < keys_.size() ? progress(key + 1, time) : 0;
    if (taken_over > next) {
      shares.emplace_back(keys_[key].code, taken_over - next);
    }
    taken_over = next;
  }
  return shares.size() == 1 ? shares.front().first : network::mix(shares);
}

}  // namespace impasto::job
