#pragma once

#include <cstdint>
#include <cstring>

#include "base/vectorised.h"

// What our own loops over activations share: a name for "compile this for every width of vectors",
// and values in float32 or bfloat16 (held as bits).

namespace impasto::learn {

/// bfloat16 is the upper half of a float.
inline float value_of(std::uint16_t bits) {
  const std::uint32_t whole = static_cast<std::uint32_t>(bits) << 16U;
  float value = 0;
  std::memcpy(&value, &whole, sizeof value);
  return value;
}
inline float value_of(float value) { return value; }

inline void put(std::uint16_t& into, float value) {
  std::uint32_t whole = 0;
  std::memcpy(&whole, &value, sizeof whole);
  whole += 0x7FFFU + ((whole >> 16U) & 1U);  // to the nearest, ties to even
  into = static_cast<std::uint16_t>(whole >> 16U);
}
inline void put(float& into, float value) { into = value; }

}  // namespace impasto::learn
