#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace impasto {
namespace {

TEST(Half, rounds_to_the_nearest_and_ties_to_even) {
  EXPECT_EQ(to_half(0.0F), 0x0000);
  EXPECT_EQ(to_half(-0.0F), 0x8000);
  EXPECT_EQ(to_half(1.0F), 0x3C00);
  EXPECT_EQ(to_half(-2.5F), 0xC100);
  EXPECT_EQ(to_half(1 + 1 / 2048.0F), 0x3C00) << "half-way: to the even one below";
  EXPECT_EQ(to_half(1 + 3 / 2048.0F), 0x3C02) << "half-way: to the even one above";
  EXPECT_EQ(to_half(1 + 1.01F / 2048.0F), 0x3C01);
  EXPECT_EQ(to_half(2 - 1 / 4096.0F), 0x4000) << "carries into the exponent";
  EXPECT_EQ(to_half(65504.0F), 0x7BFF);
  EXPECT_EQ(to_half(65519.0F), 0x7BFF);
  EXPECT_EQ(to_half(65520.0F), 0x7C00) << "half-way beyond the largest: infinite";
  EXPECT_EQ(to_half(-INFINITY), 0xFC00);
  EXPECT_EQ(to_half(std::ldexp(1.0F, -24)), 0x0001) << "the smallest";
  EXPECT_EQ(to_half(std::ldexp(1.0F, -25)), 0x0000) << "half of it: to even, which is zero";
  EXPECT_EQ(to_half(std::ldexp(1.1F, -25)), 0x0001);
  EXPECT_EQ(to_half(std::ldexp(1023.75F, -24)), 0x0400) << "carries into the normal numbers";
  EXPECT_TRUE(std::isnan(from_half(to_half(NAN))));
}

TEST(Half, comes_back_the_same_for_every_pattern) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (!std::isnan(from_half(half))) {
      ASSERT_EQ(to_half(from_half(half)), half);
    }
  }
}

}  // namespace
}  // namespace impasto
