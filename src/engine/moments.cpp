#include "engine/moments.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/vectorised.h"

namespace impasto::engine {
namespace {

/// Adds the values of a few places to what is summed up in float.
IMPASTO_VECTORISED
void add_rows(const float* values, std::size_t places, std::size_t channels, float* sums,
              float* squares) {
  for (std::size_t place = 0; place < places; ++place, values += channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      sums[c] += values[c];
      squares[c] += values[c] * values[c];
    }
  }
}

IMPASTO_VECTORISED
void add_rows(const Bfloat16* values, std::size_t places, std::size_t channels, float* sums,
              float* squares) {
  for (std::size_t place = 0; place < places; ++place, values += channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      const float value = widened(values[c]);
      sums[c] += value;
      squares[c] += value * value;
    }
  }
}

template <typename Value>
NormStatistics statistics(const std::string& name, const Value* values, std::size_t places,
                          std::size_t channels) {
  constexpr std::size_t kFew = 64;  // so that float sums lose nothing
  std::vector<float> few(channels);
  std::vector<float> few_squares(channels);
  std::vector<double> sums(channels);
  std::vector<double> squares(channels);
  for (std::size_t place = 0; place < places; place += kFew) {
    std::fill(few.begin(), few.end(), 0.0F);
    std::fill(few_squares.begin(), few_squares.end(), 0.0F);
    add_rows(values + place * channels, std::min(kFew, places - place), channels, few.data(),
             few_squares.data());
    for (std::size_t c = 0; c < channels; ++c) {
      sums[c] += static_cast<double>(few[c]);
      squares[c] += static_cast<double>(few_squares[c]);
    }
  }
  NormStatistics result{name, {}, {}};
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = sums[c] / static_cast<double>(places);
    const double variance = squares[c] / static_cast<double>(places) - mean * mean;
    result.mean.push_back(static_cast<float>(mean));
    result.deviation.push_back(static_cast<float>(std::sqrt(std::max(0.0, variance))));
  }
  return result;
}

}  // namespace

NormStatistics norm_statistics(const std::string& name, const float* values, std::size_t places,
                               std::size_t channels) {
  return statistics(name, values, places, channels);
}

NormStatistics norm_statistics(const std::string& name, const Bfloat16* values, std::size_t places,
                               std::size_t channels) {
  return statistics(name, values, places, channels);
}

}  // namespace impasto::engine
