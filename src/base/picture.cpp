#include "base/picture.h"

#include <algorithm>
#include <cstring>

namespace impasto {
namespace {

constexpr int kColumnStep = 16;  // 64 bytes of float
constexpr int kRowStep = 8;      // three halvings
constexpr int kSmallest = 32;    // reflect padding inside the networks needs a few cells to mirror

int round_up(int value, int step) { return (value + step - 1) / step * step; }

/// Index of the pixel that a mirror at the last of `count` pixels shows at `index` (>= 0).
int mirrored(int index, int count) {
  if (count == 1) {
    return 0;
  }
  const int period = 2 * (count - 1);
  const int folded = index % period;
  return folded < count ? folded : period - folded;
}

}  // namespace

void copy_part(const Picture& from, Corner corner, Size size, Picture& to, Corner place) {
  const auto at = [](const Picture& picture, Corner where, int down) {
    return static_cast<std::size_t>(where.y + down) * picture.stride() +
           static_cast<std::size_t>(where.x);
  };
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < size.height; ++y) {
      std::copy_n(from.plane(channel) + at(from, corner, y), size.width,
                  to.plane(channel) + at(to, place, y));
    }
  }
}

Size canvas_for(Size visible) {
  return {std::max(kSmallest, round_up(visible.width, kColumnStep)),
          std::max(kSmallest, round_up(visible.height, kRowStep))};
}

Picture::Picture(Size visible)
    : size_(visible),
      canvas_(canvas_for(visible)),
      data_(allocate_aligned(3 * plane_size() * sizeof(float))) {}

void Picture::mirror_into_margin() {
  for (int channel = 0; channel < 3; ++channel) {
    float* first = plane(channel);
    for (int y = 0; y < size_.height; ++y) {
      float* row = first + static_cast<std::size_t>(y) * stride();
      for (int x = size_.width; x < canvas_.width; ++x) {
        row[x] = row[mirrored(x, size_.width)];
      }
    }
    for (int y = size_.height; y < canvas_.height; ++y) {
      const float* from = first + static_cast<std::size_t>(mirrored(y, size_.height)) * stride();
      std::memcpy(first + static_cast<std::size_t>(y) * stride(), from, stride() * sizeof(float));
    }
  }
}

}  // namespace impasto
