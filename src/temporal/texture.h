#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/picture.h"
#include "base/size.h"

namespace impasto::temporal {

/// What the surroundings of each place look like, in 16 bytes that are compared by the sum of their
/// differences: how steep the brightness is in eight directions, relative to what is around, and
/// the colour. A margin repeats the border.
struct Texture {
  static constexpr int kBytes = 16;
  static constexpr int kMargin = 8;  ///< Cells on each side that may be looked at outside.

  Size size;
  std::vector<std::uint8_t> cells;

  [[nodiscard]] const std::uint8_t* at(int x, int y) const {
    const std::ptrdiff_t row = std::ptrdiff_t{y + kMargin} * (size.width + 2 * kMargin);
    return cells.data() + kBytes * (row + x + kMargin);
  }
};

/// A picture as flow by matches looks at it.
struct Textures {
  std::vector<Texture> levels;  ///< At the working size first, then at half of the one before.

  Size half;                         ///< Half the working size.
  std::vector<std::uint8_t> colour;  ///< Luma and two differences there: [height, width, 3].
};

/// How `count` cells, each `apart` from the next, differ from as many others.
inline int difference(const std::uint8_t* one, const std::uint8_t* other, int count, int apart) {
#if defined(__SSE2__)
  __m128i sums = _mm_setzero_si128();
  for (int i = 0; i < count; ++i) {
    const std::ptrdiff_t at = std::ptrdiff_t{i} * apart * Texture::kBytes;
    sums = _mm_add_epi32(
        sums, _mm_sad_epu8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(one + at)),
                           _mm_loadu_si128(reinterpret_cast<const __m128i*>(other + at))));
  }
  return _mm_cvtsi128_si32(sums) + _mm_cvtsi128_si32(_mm_unpackhi_epi64(sums, sums));
#else
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    const std::ptrdiff_t at = std::ptrdiff_t{i} * apart * Texture::kBytes;
    for (int byte = 0; byte < Texture::kBytes; ++byte) {
      sum += std::abs(static_cast<int>((one + at)[byte]) - static_cast<int>((other + at)[byte]));
    }
  }
  return sum;
#endif
}

/// `size` as `working_size` gives it.
Textures textures_of(const Picture& picture, Size size);

}  // namespace impasto::temporal
