#include "base/half.h"

#include <algorithm>
#include <cmath>

namespace impasto {
namespace {

constexpr int kFractionBits = 10;
constexpr int kLeastExponent = -14;  // of a normal number; smaller ones share its step
constexpr std::uint16_t kInfinity = 0x7C00;
constexpr std::uint16_t kNotANumber = 0x7E00;

}  // namespace

std::uint16_t to_half(float value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000U : 0U);
  const float size = std::fabs(value);
  if (std::isnan(size)) {
    return sign | kNotANumber;
  }
  if (std::isinf(size)) {
    return sign | kInfinity;
  }
  // In whole steps of its binade the number is exact; rounding to even is nearbyint's default.
  const int exponent = size == 0 ? kLeastExponent : std::max(std::ilogb(size), kLeastExponent);
  const auto steps = static_cast<int>(std::nearbyint(std::scalbn(size, kFractionBits - exponent)));
  // A carry out of the fraction runs on into the exponent, up to infinity: as it should.
  const int bits = steps + ((exponent - kLeastExponent) << kFractionBits);
  return sign | static_cast<std::uint16_t>(std::min<int>(bits, kInfinity));
}

float from_half(std::uint16_t bits) {
  const int fraction = bits & 0x3FF;
  const int exponent = (bits >> kFractionBits) & 0x1F;
  const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  if (exponent == 0x1F) {
    return fraction == 0 ? sign * INFINITY : NAN;
  }
  const int steps = exponent == 0 ? fraction : fraction + (1 << kFractionBits);
  const int step = kLeastExponent - kFractionBits + (exponent == 0 ? 0 : exponent - 1);
  return sign * std::scalbn(static_cast<float>(steps), step);
}

}  // namespace impasto
