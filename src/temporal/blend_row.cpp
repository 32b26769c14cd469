#include "temporal/blend_row.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/vectorised.h"

namespace impasto::temporal {
namespace {

constexpr float kNothing = 1.0F / 1024;  ///< A share that would change no value.
constexpr int kTaps = 4;

inline __attribute__((always_inline)) float towards(float painted, float before, float share) {
  return painted + share * std::min(kFarthest, std::max(-kFarthest, before - painted));
}

struct Taps {
  float at[kTaps];
  float operator[](int tap) const { return at[tap]; }
};

/// The shares of the pixels at -1, 0, 1 and 2 for a place at t between 0 and 1.
inline __attribute__((always_inline)) Taps cubic(float t) {
  constexpr float kSlope = -0.75F;
  const float s = 1 - t;
  return {kSlope * t * s * s, ((kSlope + 2) * t - (kSlope + 3)) * t * t + 1,
          ((kSlope + 2) * s - (kSlope + 3)) * s * s + 1, kSlope * s * t * t};
}

IMPASTO_VECTORISED void find(const float* displacement, float origin, float step, float last,
                             std::size_t count, int* whole, float* share) {
  for (std::size_t x = 0; x < count; ++x) {
    const float at = origin + step * static_cast<float>(static_cast<int>(x));
    const float place = std::min(last, std::max(0.0F, at + displacement[x]));
    whole[x] = static_cast<int>(place);
    share[x] = place - static_cast<float>(whole[x]);
  }
}

/// Pixels of one row that all stood the same number of whole pixels away.
struct Run {
  std::size_t count = 0;
  const float* before = nullptr;  ///< The pixel on the upper left of where the first one stood.
  std::size_t stride = 0;
  const float* right_share = nullptr;
  const float* lower_share = nullptr;
  const float* share = nullptr;
  float* painted = nullptr;
};

IMPASTO_VECTORISED void blend_whole(const Run& run) {
  for (std::size_t x = 0; x < run.count; ++x) {
    run.painted[x] = towards(run.painted[x], run.before[x], run.share[x]);
  }
}

IMPASTO_VECTORISED void blend_between(const Run& run) {
  const float* line0 = run.before - run.stride;
  const float* line1 = run.before;
  const float* line2 = run.before + run.stride;
  const float* line3 = run.before + 2 * run.stride;
  const float* right_share = run.right_share;
  const float* lower_share = run.lower_share;
  const float* share = run.share;
  float* painted = run.painted;
#pragma GCC ivdep
  for (std::size_t x = 0; x < run.count; ++x) {
    const auto across = cubic(right_share[x]);
    const auto down = cubic(lower_share[x]);
    const auto line = [&](const float* at) __attribute__((always_inline)) {
      return across[0] * at[x - 1] + across[1] * at[x] + across[2] * at[x + 1] +
             across[3] * at[x + 2];
    };
    const float before = down[0] * line(line0) + down[1] * line(line1) + down[2] * line(line2) +
                         down[3] * line(line3);
    painted[x] = towards(painted[x], before, share[x]);
  }
}

/// Where the cubic would reach over the border: each pixel outside is the nearest inside.
void blend_at_border(const Run& run, const float* plane, Size size, int left, int top) {
  for (std::size_t x = 0; x < run.count; ++x) {
    const auto across = cubic(run.right_share[x]);
    const auto down = cubic(run.lower_share[x]);
    float before = 0;
    for (int j = 0; j < kTaps; ++j) {
      const int line = std::clamp(top - 1 + j, 0, size.height - 1);
      const float* values = plane + static_cast<std::size_t>(line) * run.stride;
      for (int i = 0; i < kTaps; ++i) {
        const int column = std::clamp(left + static_cast<int>(x) - 1 + i, 0, size.width - 1);
        before += down[j] * across[i] * values[column];
      }
    }
    run.painted[x] = towards(run.painted[x], before, run.share[x]);
  }
}

enum Kind : std::uint64_t { nothing, whole, between, border };

/// What pixels must have in common to be blended together: how, and by how many pixels they moved.
IMPASTO_VECTORISED void group(const RowMotion& motion, const int* left, const int* top,
                              const float* right_share, const float* lower_share, Size size,
                              std::uint64_t* runs) {
  constexpr unsigned kKindBits = 2;
  constexpr unsigned kSideBits = 31;
  const float* share = motion.share.data();
  for (std::size_t x = 0; x < motion.share.size(); ++x) {
    const bool inside =
        (left[x] >= 1) & (top[x] >= 1) & (left[x] + 2 < size.width) & (top[x] + 2 < size.height);
    const bool stays = right_share[x] + lower_share[x] == 0;
    const std::uint64_t kind = stays ? whole : inside ? between : border;
    const auto moved = static_cast<std::uint64_t>(size.width + left[x] - static_cast<int>(x));
    const auto line = static_cast<std::uint64_t>(top[x]);
    runs[x] = share[x] < kNothing ? std::uint64_t{nothing}
                                  : kind | moved << kKindBits | line << (kKindBits + kSideBits);
  }
}

}  // namespace

void RowBlender::find_places(const RowMotion& motion, int y, Size size) {
  const auto width = static_cast<std::size_t>(size.width);
  left_.resize(width);
  top_.resize(width);
  right_share_.resize(width);
  lower_share_.resize(width);
  runs_.resize(width);
  find(motion.dx.data(), 0, 1, static_cast<float>(size.width - 1), width, left_.data(),
       right_share_.data());
  find(motion.dy.data(), static_cast<float>(y), 0, static_cast<float>(size.height - 1), width,
       top_.data(), lower_share_.data());
  group(motion, left_.data(), top_.data(), right_share_.data(), lower_share_.data(), size,
        runs_.data());
}

void RowBlender::blend(const RowMotion& motion, int y, const Picture& previous, Picture& painted) {
  find_places(motion, y, painted.size());
  const std::size_t row = static_cast<std::size_t>(y) * painted.stride();
  for (std::size_t from = 0, to = 0; from < runs_.size(); from = to) {
    const auto begin = runs_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end =
        std::find_if(begin, runs_.end(), [&](std::uint64_t run) { return run != runs_[from]; });
    to = from + static_cast<std::size_t>(end - begin);
    const std::uint64_t kind = runs_[from] % 4;
    for (int channel = 0; channel < 3 && kind != nothing; ++channel) {
      const std::size_t before = static_cast<std::size_t>(top_[from]) * previous.stride() +
                                 static_cast<std::size_t>(left_[from]);
      const Run run{to - from,
                    previous.plane(channel) + before,
                    previous.stride(),
                    right_share_.data() + from,
                    lower_share_.data() + from,
                    motion.share.data() + from,
                    painted.plane(channel) + row + from};
      if (kind == whole) {
        blend_whole(run);
      } else if (kind == between) {
        blend_between(run);
      } else {
        blend_at_border(run, previous.plane(channel), painted.size(), left_[from], top_[from]);
      }
    }
  }
}

}  // namespace impasto::temporal
