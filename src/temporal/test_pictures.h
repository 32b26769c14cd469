#pragma once

#include <cmath>
#include <cstdint>

#include "base/picture.h"

// Pictures that the tests of this folder share.

namespace impasto::temporal {

/// A number between 0 and 1 that depends on nothing but the arguments.
inline float random_at(std::int64_t column, std::int64_t line, std::int64_t moment) {
  const auto x = static_cast<std::uint32_t>(column);
  const auto y = static_cast<std::uint32_t>(line);
  const auto seed = static_cast<std::uint32_t>(moment);
  std::uint32_t mixed = x * 0x9E3779B1U ^ y * 0x85EBCA77U ^ (seed + 1) * 0xC2B2AE3DU;
  for (int i = 0; i < 2; ++i) {
    mixed ^= mixed >> 15U;
    mixed *= 0x2C1B3C6DU;
    mixed ^= mixed >> 12U;
  }
  return static_cast<float>(mixed >> 8U) / static_cast<float>(1U << 24U);
}

/// A picture whose value at (x, y) of all three channels is `value(x, y)`.
template <typename Value>
Picture picture_of(Size size, const Value& value) {
  Picture picture(size);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        picture.plane(
            channel)[static_cast<std::size_t>(y) * picture.stride() + static_cast<std::size_t>(x)] =
            static_cast<float>(value(x, y));
      }
    }
  }
  picture.mirror_into_margin();
  return picture;
}

inline float value_at(const Picture& picture, int x, int y, int channel = 0) {
  return picture.plane(
      channel)[static_cast<std::size_t>(y) * picture.stride() + static_cast<std::size_t>(x)];
}

/// Soft blotches about eight pixels wide, without an end, at any place between pixels.
template <typename X, typename Y>
float blotches(X column, Y line) {
  const auto x = static_cast<float>(column);
  const auto y = static_cast<float>(line);
  return 0.5F + 0.16F * std::sin(x * 0.39F + 1.3F * std::sin(y * 0.11F)) +
         0.16F * std::sin(y * 0.43F + 1.7F * std::sin(x * 0.09F)) +
         0.1F * std::sin(0.71F * x + 0.53F * y);
}

}  // namespace impasto::temporal
