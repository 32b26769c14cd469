#include "temporal/metrics.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "base/error.h"
#include "temporal/grid.h"
#include "temporal/sampling.h"

namespace impasto::temporal {
namespace {

void expect_size(Size size, Size other, const char* what) {
  if (size != other) {
    throw Error(ExitCode::bug, "a picture of " + to_string(size) +
                                   " pixels cannot be measured with " + what + " of " +
                                   to_string(other));
  }
}

std::size_t count_of(Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

/// Sums up differences, then their means.
class Sum {
 public:
  void add(double difference) {
    squared_ += difference * difference;
    absolute_ += std::abs(difference);
  }
  void end_place() { ++places_; }
  [[nodiscard]] Difference mean() const {
    constexpr double kChannels = 3;
    const double values = kChannels * static_cast<double>(std::max<std::size_t>(1, places_));
    return {squared_ / values, absolute_ / values, places_};
  }

 private:
  double squared_ = 0;
  double absolute_ = 0;
  std::size_t places_ = 0;
};

std::vector<float> luma_row(const Picture& picture, int y) {
  const std::size_t first = static_cast<std::size_t>(y) * picture.stride();
  std::vector<float> row(static_cast<std::size_t>(picture.size().width));
  for (std::size_t x = 0; x < row.size(); ++x) {
    row[x] = 0.299F * picture.plane(0)[first + x] + 0.587F * picture.plane(1)[first + x] +
             0.114F * picture.plane(2)[first + x];
  }
  return row;
}

std::vector<float> enlarged_plane(const std::vector<float>& cells, const Between& columns,
                                  const Between& rows, std::size_t width, float scale) {
  std::vector<float> result;
  result.reserve(columns.share.size() * rows.share.size());
  for (std::size_t y = 0; y < rows.share.size(); ++y) {
    const float* upper = cells.data() + static_cast<std::size_t>(rows.first[y]) * width;
    const float* lower = cells.data() + static_cast<std::size_t>(rows.second[y]) * width;
    const auto at = [&](int x) { return upper[x] + rows.share[y] * (lower[x] - upper[x]); };
    for (std::size_t x = 0; x < columns.share.size(); ++x) {
      const float left = at(columns.first[x]);
      result.push_back(scale * (left + columns.share[x] * (at(columns.second[x]) - left)));
    }
  }
  return result;
}

}  // namespace

Difference warping_error(const Picture& here, const Picture& there, const FlowField& flow,
                         const std::vector<std::uint8_t>& counts) {
  const Size size = here.size();
  expect_size(size, there.size(), "one");
  expect_size(size, flow.size, "flow");
  Sum sum;
  std::size_t i = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x, ++i) {
      const Place place = place_at(static_cast<float>(x) + flow.dx[i],
                                   static_cast<float>(y) + flow.dy[i], size, there.stride());
      if (counts[i] == 0 || !place.inside) {
        continue;
      }
      const std::size_t at =
          static_cast<std::size_t>(y) * here.stride() + static_cast<std::size_t>(x);
      for (int channel = 0; channel < 3; ++channel) {
        sum.add(here.plane(channel)[at] - sampled(there.plane(channel), place));
      }
      sum.end_place();
    }
  }
  return sum.mean();
}

Difference flicker(const Picture& here, const Picture& there,
                   const std::vector<std::uint8_t>& counts) {
  const Size size = here.size();
  expect_size(size, there.size(), "one");
  Sum sum;
  std::size_t i = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x, ++i) {
      if (counts[i] == 0) {
        continue;
      }
      const std::size_t at =
          static_cast<std::size_t>(y) * here.stride() + static_cast<std::size_t>(x);
      for (int channel = 0; channel < 3; ++channel) {
        sum.add(here.plane(channel)[at] - there.plane(channel)[at]);
      }
      sum.end_place();
    }
  }
  return sum.mean();
}

std::vector<std::uint8_t> still_places(const Brightness& previous, const Brightness& current,
                                       const FlowField& flow) {
  constexpr float kMotion = 0.25F;
  constexpr float kLevels = 1.5F;
  constexpr int kNeighbours = 5;
  const Size size = current.size;
  expect_size(size, previous.size, "one");
  expect_size(size, flow.size, "flow");
  cv::Mat_<float> change(size.height, size.width);
  std::transform(current.values.begin(), current.values.end(), previous.values.begin(),
                 change.begin(), [](std::uint8_t now, std::uint8_t before) {
                   return static_cast<float>(now) - static_cast<float>(before);
                 });
  cv::blur(change, change, {kNeighbours, kNeighbours}, {-1, -1}, cv::BORDER_REPLICATE);
  std::vector<std::uint8_t> still(count_of(size));
  for (std::size_t i = 0; i < still.size(); ++i) {
    // What is no number has moved, too.
    const bool stays = std::abs(flow.dx[i]) <= kMotion && std::abs(flow.dy[i]) <= kMotion;
    const bool changes = std::abs(*(change.begin() + static_cast<std::ptrdiff_t>(i))) > kLevels;
    still[i] = stays && !changes ? 1 : 0;
  }
  return still;
}

double sharpness(const Picture& picture) {
  const Size size = picture.size();
  double sum = 0;
  std::size_t count = 0;
  std::vector<float> above;
  for (int y = 0; y < size.height; ++y) {
    std::vector<float> row = luma_row(picture, y);
    for (std::size_t x = 0; x < row.size(); ++x) {
      const double across = x > 0 ? row[x] - row[x - 1] : 0;
      const double down = y > 0 ? row[x] - above[x] : 0;
      sum += across * across + down * down;
    }
    count += row.size();
    above = std::move(row);
  }
  return std::sqrt(sum / static_cast<double>(count));
}

std::vector<std::uint8_t> enlarged(const std::vector<std::uint8_t>& cells, Size grid,
                                   Size picture) {
  const int step = step_between(picture, grid);
  std::vector<std::uint8_t> result;
  result.reserve(count_of(picture));
  for (int y = 0; y < picture.height; ++y) {
    const std::size_t first =
        static_cast<std::size_t>(y / step) * static_cast<std::size_t>(grid.width);
    for (int x = 0; x < picture.width; ++x) {
      result.push_back(cells[first + static_cast<std::size_t>(x / step)]);
    }
  }
  return result;
}

FlowField enlarged(const FlowField& flow, Size picture) {
  const int step = step_between(picture, flow.size);
  const Between columns = cells_along(picture.width, flow.size.width, step);
  const Between rows = cells_along(picture.height, flow.size.height, step);
  const auto width = static_cast<std::size_t>(flow.size.width);
  const auto scale = static_cast<float>(step);
  return {picture, enlarged_plane(flow.dx, columns, rows, width, scale),
          enlarged_plane(flow.dy, columns, rows, width, scale)};
}

}  // namespace impasto::temporal
