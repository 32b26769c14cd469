#pragma once

#include <algorithm>
#include <cstddef>

#include "base/size.h"

namespace impasto::temporal {

/// A place between four pixels of a plane, and the share of the right and the lower ones.
struct Place {
  bool inside = false;    ///< Not outside the outermost pixels' own areas.
  std::size_t first = 0;  ///< Index of the upper left pixel.
  std::size_t right = 0;  ///< From there to the one on its right; 0 at the border.
  std::size_t below = 0;  ///< From there to the one below.
  float share_x = 0;
  float share_y = 0;
};

/// The place (x, y), in pixels, of a plane whose rows are `stride` values apart.
inline Place place_at(float x, float y, Size size, std::size_t stride) {
  const auto last_x = static_cast<float>(size.width - 1);
  const auto last_y = static_cast<float>(size.height - 1);
  Place place;
  // Written so that what is no number is outside, too.
  place.inside = x >= -0.5F && y >= -0.5F && x <= last_x + 0.5F && y <= last_y + 0.5F;
  if (!place.inside) {
    return place;
  }
  const float bounded_x = std::clamp(x, 0.0F, last_x);
  const float bounded_y = std::clamp(y, 0.0F, last_y);
  const auto left = static_cast<std::size_t>(bounded_x);
  const auto top = static_cast<std::size_t>(bounded_y);
  place.first = top * stride + left;
  place.right = left + 1 < static_cast<std::size_t>(size.width) ? 1 : 0;
  place.below = top + 1 < static_cast<std::size_t>(size.height) ? stride : 0;
  place.share_x = bounded_x - static_cast<float>(left);
  place.share_y = bounded_y - static_cast<float>(top);
  return place;
}

/// The same in a plane without padding.
inline Place place_at(float x, float y, Size size) {
  return place_at(x, y, size, static_cast<std::size_t>(size.width));
}

/// The value there, bilinear between the four pixels. `place` must be inside.
template <typename Value>
float sampled(const Value* plane, const Place& place) {
  const Value* at = plane + place.first;
  const auto upper_left = static_cast<float>(at[0]);
  const auto lower_left = static_cast<float>(at[place.below]);
  const float upper =
      upper_left + place.share_x * (static_cast<float>(at[place.right]) - upper_left);
  const float lower =
      lower_left + place.share_x * (static_cast<float>(at[place.below + place.right]) - lower_left);
  return upper + place.share_y * (lower - upper);
}

}  // namespace impasto::temporal
