#pragma once

#include <bit>
#include <cstdint>

namespace impasto::engine {

/// A float's upper 16 bits.
enum class Bfloat16 : std::uint16_t {};

inline float widened(Bfloat16 value) {
  constexpr unsigned kLowerBits = 16;
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << kLowerBits);
}
inline float widened(float value) { return value; }

}  // namespace impasto::engine
