#include "temporal/edge_filter.h"

#include <array>
#include <cmath>
#include <cstdlib>

#include "base/vectorised.h"

namespace impasto::temporal {
namespace {

/// `count` places from `values` on, one after the other: each takes over its share of the one
/// before.
template <std::size_t kChannels>
inline __attribute__((always_inline)) void forwards(float* values, const float* shares,
                                                    std::size_t count) {
  for (std::size_t x = 1; x < count; ++x) {
    float* here = values + x * kChannels;
    for (std::size_t i = 0; i < kChannels; ++i) {
      here[i] += shares[x] * ((here - kChannels)[i] - here[i]);
    }
  }
}

template <std::size_t kChannels>
inline __attribute__((always_inline)) void backwards(float* values, const float* shares,
                                                     std::size_t count) {
  for (std::size_t x = count - 1; x > 0; --x) {
    float* here = values + (x - 1) * kChannels;
    for (std::size_t i = 0; i < kChannels; ++i) {
      here[i] += shares[x] * ((here + kChannels)[i] - here[i]);
    }
  }
}

template <std::size_t kChannels>
inline __attribute__((always_inline)) void take_over(const float* from, const float* shares,
                                                     std::size_t count, float* into) {
  for (std::size_t x = 0; x < count; ++x) {
    for (std::size_t i = 0; i < kChannels; ++i) {
      into[x * kChannels + i] += shares[x] * (from[x * kChannels + i] - into[x * kChannels + i]);
    }
  }
}

/// Along a row, there and back.
IMPASTO_VECTORISED void spread_row(float* values, const float* shares, std::size_t count,
                                   bool eight) {
  if (eight) {
    forwards<8>(values, shares, count);
    backwards<8>(values, shares, count);
  } else {
    forwards<4>(values, shares, count);
    backwards<4>(values, shares, count);
  }
}

/// From one row to the next.
IMPASTO_VECTORISED void spread_down(const float* from, const float* shares, std::size_t count,
                                    bool eight, float* into) {
  if (eight) {
    take_over<8>(from, shares, count, into);
  } else {
    take_over<4>(from, shares, count, into);
  }
}

}  // namespace

EdgeFilter::EdgeFilter(const std::vector<std::uint8_t>& colour, Size size, float reach, float edge)
    : size_(size) {
  constexpr std::size_t kMost = 3 * 255 + 1;
  std::array<float, kMost> shares{};
  for (std::size_t i = 0; i < kMost; ++i) {
    shares.at(i) = std::exp(-std::sqrt(2.0F) / reach * (1 + reach / edge * static_cast<float>(i)));
  }
  const auto width = static_cast<std::size_t>(size.width);
  const std::size_t count = width * static_cast<std::size_t>(size.height);
  const auto share = [&](std::size_t one, std::size_t other) {
    int distance = 0;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      distance += std::abs(static_cast<int>(colour[3 * one + channel]) -
                           static_cast<int>(colour[3 * other + channel]));
    }
    return shares.at(static_cast<std::size_t>(distance));
  };
  across_.resize(count);
  down_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    across_[i] = i % width > 0 ? share(i, i - 1) : 0;
    down_[i] = i >= width ? share(i, i - width) : 0;
  }
}

template <typename Values>
void EdgeFilter::apply_to(Values& volume) const {
  constexpr int kRounds = 2;
  constexpr bool kEight = Values::kChannels == 8;
  const auto width = static_cast<std::size_t>(size_.width);
  const auto height = static_cast<std::size_t>(size_.height);
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t y = 0; y < height; ++y) {
      spread_row(volume.at(y * width), across_.data() + y * width, width, kEight);
    }
    for (std::size_t y = 1; y < height; ++y) {
      spread_down(volume.at((y - 1) * width), down_.data() + y * width, width, kEight,
                  volume.at(y * width));
    }
    for (std::size_t y = height - 1; y > 0; --y) {
      spread_down(volume.at(y * width), down_.data() + y * width, width, kEight,
                  volume.at((y - 1) * width));
    }
  }
}

void EdgeFilter::apply(Volume<4>& volume) const { apply_to(volume); }
void EdgeFilter::apply(Volume<8>& volume) const { apply_to(volume); }

}  // namespace impasto::temporal
