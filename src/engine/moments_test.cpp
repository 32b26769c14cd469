#include "engine/moments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace impasto::engine {
namespace {

TEST(Moments, AreThoseOfAPlainLoop) {
  constexpr std::size_t kPlaces = 1001;
  constexpr std::size_t kChannels = 5;
  std::mt19937 engine(1);
  std::normal_distribution<float> normal(3, 2);
  std::vector<float> values(kPlaces * kChannels);
  std::vector<Bfloat16> halves;
  for (float& value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(normal(engine)) >> 16U;
    halves.push_back(static_cast<Bfloat16>(bits));
    value = widened(halves.back());
  }
  const NormStatistics one = norm_statistics("n", values.data(), kPlaces, kChannels);
  const NormStatistics other = norm_statistics("n", halves.data(), kPlaces, kChannels);
  for (std::size_t c = 0; c < kChannels; ++c) {
    double mean = 0;
    double square = 0;
    for (std::size_t place = 0; place < kPlaces; ++place) {
      mean += static_cast<double>(values[place * kChannels + c]) / kPlaces;
    }
    for (std::size_t place = 0; place < kPlaces; ++place) {
      square += std::pow(static_cast<double>(values[place * kChannels + c]) - mean, 2) / kPlaces;
    }
    EXPECT_NEAR(one.mean[c], mean, 1e-5);
    EXPECT_NEAR(one.deviation[c], std::sqrt(square), 1e-5);
    EXPECT_EQ(one.mean[c], other.mean[c]);
    EXPECT_EQ(one.deviation[c], other.deviation[c]);
  }
}

TEST(Moments, OfWhatIsEverywhereTheSameHaveNoDeviation) {
  const std::vector<float> values(300, 0.25F);
  const NormStatistics found = norm_statistics("flat", values.data(), 100, 3);
  EXPECT_EQ(found.name, "flat");
  EXPECT_EQ(found.mean, (std::vector<float>{0.25F, 0.25F, 0.25F}));
  EXPECT_EQ(found.deviation, (std::vector<float>{0, 0, 0}));
}

}  // namespace
}  // namespace impasto::engine
