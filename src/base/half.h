#pragma once

#include <cstdint>

namespace impasto {

/// The 16-bit float (IEEE 754 binary16, as bits) nearest to a value; ties go to the even one,
/// values beyond 65504 become infinite.
std::uint16_t to_half(float value);

/// The value of a 16-bit float; exact.
float from_half(std::uint16_t bits);

}  // namespace impasto
