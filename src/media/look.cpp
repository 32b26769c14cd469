#include "media/look.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace impasto::media {
namespace {

constexpr int kColumns = 32;
constexpr int kRows = 18;
constexpr std::size_t kBins = 16;
/// Contrast (standard deviation, of 1) below which a frame shows nothing.
constexpr double kBlank = 0.012;

/// The sum of a row's samples from `from` to `to`. Whole numbers are added as such, many at once.
template <typename Sample>
double sum_of(const std::uint8_t* row, int from, int to) {
  using Sum = std::conditional_t<std::is_floating_point_v<Sample>, double, std::uint32_t>;
  const auto* samples = reinterpret_cast<const Sample*>(row);
  Sum sum = 0;
  for (int x = from; x < to; ++x) {
    sum += samples[x];
  }
  return static_cast<double>(sum);
}

/// The plane that says most of brightness: Y, grey or green, which libav stores first.
/// Every other line is enough.
std::vector<float> shrunk(const AVFrame& frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const int depth = format->comp[0].depth;
  const bool is_float = (format->flags & AV_PIX_FMT_FLAG_FLOAT) != 0;
  const double white = is_float ? 1.0 : std::ldexp(1.0, depth) - 1;
  const auto sum = is_float    ? sum_of<float>
                   : depth > 8 ? sum_of<std::uint16_t>
                               : sum_of<std::uint8_t>;
  std::vector<float> cells;
  cells.reserve(static_cast<std::size_t>(kColumns) * kRows);
  for (int row = 0; row < kRows; ++row) {
    const int top = frame.height * row / kRows;
    const int bottom = std::max(frame.height * (row + 1) / kRows, top + 1);
    for (int column = 0; column < kColumns; ++column) {
      const int left = frame.width * column / kColumns;
      const int right = std::max(frame.width * (column + 1) / kColumns, left + 1);
      double total = 0;
      int lines = 0;
      for (int y = top; y < bottom; y += 2, ++lines) {
        total +=
            sum(frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0], left, right);
      }
      cells.push_back(static_cast<float>(total / lines / (right - left) / white));
    }
  }
  return cells;
}

/// Makes mean 0 and variance 1; returns the standard deviation that there was.
double normalise(std::vector<float>& values) {
  double sum = 0;
  double square = 0;
  for (const float value : values) {
    sum += value;
    square += static_cast<double>(value) * value;
  }
  const auto count = static_cast<double>(values.size());
  const double mean = sum / count;
  const double deviation = std::sqrt(std::max(0.0, square / count - mean * mean));
  for (float& value : values) {
    value = static_cast<float>((value - mean) / std::max(deviation, 1e-9));
  }
  return deviation;
}

}  // namespace

std::optional<Look> look_at(const AVFrame& frame) {
  Look look{shrunk(frame), std::vector<float>(kBins, 0), 0};
  look.contrast = normalise(look.brightness);
  if (look.contrast < kBlank) {
    return std::nullopt;
  }
  for (const float value : look.brightness) {
    const int bin = static_cast<int>(std::floor((value + 2) / 4 * kBins));
    look.histogram[static_cast<std::size_t>(std::clamp<int>(bin, 0, kBins - 1))] +=
        1 / static_cast<float>(look.brightness.size());
  }
  return look;
}

double difference(const Look& one, const Look& other) {
  double product = 0;
  for (std::size_t i = 0; i < one.brightness.size(); ++i) {
    product += static_cast<double>(one.brightness[i]) * other.brightness[i];
  }
  const double likeness = product / static_cast<double>(one.brightness.size());
  double apart = 0;
  for (std::size_t i = 0; i < one.histogram.size(); ++i) {
    apart += std::abs(one.histogram[i] - other.histogram[i]) / 2;
  }
  // Where things are decides; how much there is of each brightness helps where all of it moves.
  constexpr double kShareOfPlaces = 0.7;
  return kShareOfPlaces * std::clamp(1 - likeness, 0.0, 1.0) + (1 - kShareOfPlaces) * apart;
}

}  // namespace impasto::media
