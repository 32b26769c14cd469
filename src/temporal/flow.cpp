#include "temporal/flow.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <opencv2/core.hpp>
#include <opencv2/video/tracking.hpp>

#include "base/error.h"
#include "temporal/sampling.h"

namespace impasto::temporal {
namespace {

constexpr int kPatch = 8;  ///< Pixels on a side of what DIS compares.
constexpr int kSmallestSide = 2 * kPatch;

/// The number of halvings that DIS begins at. Where that is less than those it is to end at, it
/// goes by the width alone, and reads outside of pictures that are broad and low.
int coarsest_scale(Size size) {
  const double longer = std::max(size.width, size.height) / (4.0 * kPatch);
  const double shorter = std::min(size.width, size.height) / static_cast<double>(kPatch);
  const auto scale =
      std::min<long>(std::lround(std::log2(longer)), static_cast<long>(std::log2(shorter)));
  return static_cast<int>(std::max(0L, scale));
}

cv::Mat as_mat(const Brightness& picture) {
  // OpenCV has no views of what may not be written; nobody writes through this one.
  return {picture.size.height, picture.size.width, CV_8UC1,
          const_cast<std::uint8_t*>(picture.values.data())};
}

/// Callers split work over frames; a second crowd of threads would only get in their way.
void work_alone() {
  static const bool kAlone = [] {
    cv::setNumThreads(1);
    return true;
  }();
  static_cast<void>(kAlone);
}

cv::Ptr<cv::DISOpticalFlow> make_search(FlowEffort effort, Size size) {
  work_alone();
  constexpr int kRefinements = 5;
  const bool best = effort == FlowEffort::best;
  auto search = cv::DISOpticalFlow::create(best ? cv::DISOpticalFlow::PRESET_MEDIUM
                                                : cv::DISOpticalFlow::PRESET_ULTRAFAST);
  const int finest = best ? 0 : effort == FlowEffort::glance ? 2 : 1;
  search->setFinestScale(std::min(finest, coarsest_scale(size)));
  search->setVariationalRefinementIterations(best || effort == FlowEffort::careful ? kRefinements
                                                                                   : 0);
  return search;
}

FlowField field_of(const cv::Mat& flow) {
  FlowField field{{flow.cols, flow.rows}, {}, {}};
  const std::size_t count = flow.total();
  field.dx.resize(count);
  field.dy.resize(count);
  for (int y = 0; y < flow.rows; ++y) {
    const auto* row = flow.ptr<cv::Vec2f>(y);
    const std::size_t first = static_cast<std::size_t>(y) * static_cast<std::size_t>(flow.cols);
    for (int x = 0; x < flow.cols; ++x) {
      field.dx[first + static_cast<std::size_t>(x)] = row[x][0];
      field.dy[first + static_cast<std::size_t>(x)] = row[x][1];
    }
  }
  return field;
}

void expect_same(Size from, Size to) {
  if (from != to) {
    throw Error(ExitCode::bug, "flow was asked for between pictures of " + to_string(from) +
                                   " and " + to_string(to) + " pixels");
  }
}

}  // namespace

Size working_size(Size picture, int longest) {
  const int side = std::max(picture.width, picture.height);
  const int step = std::max(1, (side + longest - 1) / longest);
  return {std::max(1, (picture.width + step - 1) / step),
          std::max(1, (picture.height + step - 1) / step)};
}

int step_between(Size picture, Size working) {
  const int few = std::max(working.width, working.height);
  return (std::max(picture.width, picture.height) + few - 1) / few;
}

Brightness brightness_of(const Picture& picture, Size size) {
  Brightness result{size, {}};
  result.values.resize(static_cast<std::size_t>(size.width) *
                       static_cast<std::size_t>(size.height));
  const Size full = picture.size();
  const int step = step_between(full, size);
  std::vector<float> sums(static_cast<std::size_t>(full.width));
  for (int y = 0; y < size.height; ++y) {
    const int top = std::min(y * step, full.height - 1);
    const int bottom = std::min(top + step, full.height);
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (int line = top; line < bottom; ++line) {
      const std::size_t first = static_cast<std::size_t>(line) * picture.stride();
      const float* red = picture.plane(0) + first;
      const float* green = picture.plane(1) + first;
      const float* blue = picture.plane(2) + first;
      for (std::size_t x = 0; x < sums.size(); ++x) {
        sums[x] += 0.299F * red[x] + 0.587F * green[x] + 0.114F * blue[x];
      }
    }
    std::uint8_t* row =
        result.values.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width);
    for (int x = 0; x < size.width; ++x) {
      const int left = std::min(x * step, full.width - 1);
      const int right = std::min(left + step, full.width);
      float sum = 0;
      for (int column = left; column < right; ++column) {
        sum += sums[static_cast<std::size_t>(column)];
      }
      const float mean = sum / static_cast<float>((right - left) * (bottom - top));
      row[x] = static_cast<std::uint8_t>(std::lrint(std::clamp(mean, 0.0F, 1.0F) * 255));
    }
  }
  return result;
}

FlowField dense_flow(const Brightness& from, const Brightness& to, FlowEffort effort) {
  expect_same(from.size, to.size);
  if (std::min(from.size.width, from.size.height) < kSmallestSide) {
    return {from.size, std::vector<float>(from.values.size()),
            std::vector<float>(from.values.size())};
  }
  cv::Mat flow;
  make_search(effort, from.size)->calc(as_mat(from), as_mat(to), flow);
  return field_of(flow);
}

FlowField refined_flow(const Brightness& from, const Brightness& to, const FlowField& flow) {
  expect_same(from.size, to.size);
  expect_same(from.size, flow.size);
  if (std::min(from.size.width, from.size.height) < kSmallestSide) {
    return flow;
  }
  work_alone();
  cv::Mat_<cv::Vec2f> vectors(flow.size.height, flow.size.width);
  std::transform(flow.dx.begin(), flow.dx.end(), flow.dy.begin(), vectors.begin(),
                 [](float dx, float dy) { return cv::Vec2f(dx, dy); });
  const auto refinement = cv::VariationalRefinement::create();
  refinement->setDelta(0);  // slopes alone: brightness itself changes with shadows and blur
  refinement->calc(as_mat(from), as_mat(to), vectors);
  return field_of(vectors);
}

std::vector<float> visibility(const FlowField& there, const FlowField& back, float tolerance) {
  constexpr float kShareOfMotion = 0.01F;  // of the squared lengths, as in the paper
  std::vector<float> visible(there.dx.size());
  const Size size = there.size;
  std::size_t i = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x, ++i) {
      const float u = there.dx[i];
      const float v = there.dy[i];
      const Place place = place_at(static_cast<float>(x) + u, static_cast<float>(y) + v, size);
      if (!place.inside) {
        continue;
      }
      const float home_u = sampled(back.dx.data(), place);
      const float home_v = sampled(back.dy.data(), place);
      const float miss = (u + home_u) * (u + home_u) + (v + home_v) * (v + home_v);
      const float allowed =
          kShareOfMotion * (u * u + v * v + home_u * home_u + home_v * home_v) + tolerance;
      visible[i] = std::clamp(1.5F - miss / allowed, 0.0F, 1.0F);
    }
  }
  return visible;
}

}  // namespace impasto::temporal
