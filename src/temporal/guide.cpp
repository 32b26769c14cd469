#include "temporal/guide.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <utility>

#include "temporal/layered_flow.h"
#include "temporal/sampling.h"

namespace impasto::temporal {
namespace {

constexpr int kNeighbours = 5;  ///< Cells on a side over which changes of brightness are averaged.

/// For flow that was found quickly; what has changed is seen by its brightness as well.
constexpr float kTolerance = 2;

using Plane = cv::Mat_<float>;

/// The mean over a square of `side` cells around each.
Plane averaged(const Plane& plane, int side) {
  Plane result;
  cv::blur(plane, result, {side, side}, {-1, -1}, cv::BORDER_REPLICATE);
  return result;
}

/// How the brightness of each place differs from that of where it was, in levels of 255; 0 where
/// that is outside.
struct Change {
  Plane along_flow;
  Plane in_place;
};

Change change_between(const Brightness& previous, const Brightness& current,
                      const FlowField& flow) {
  const Size size = current.size;
  Change change{Plane::zeros(size.height, size.width), Plane(size.height, size.width)};
  std::size_t i = 0;
  for (int y = 0; y < size.height; ++y) {
    float* along = change.along_flow[y];
    float* in_place = change.in_place[y];
    for (int x = 0; x < size.width; ++x, ++i) {
      const auto now = static_cast<float>(current.values[i]);
      in_place[x] = now - static_cast<float>(previous.values[i]);
      const Place place =
          place_at(static_cast<float>(x) + flow.dx[i], static_cast<float>(y) + flow.dy[i], size);
      if (place.inside) {
        along[x] = now - sampled(previous.values.data(), place);
      }
    }
  }
  return change;
}

/// The standard deviation of the source's noise in levels: that of a normal distribution with the
/// median of what changes do not share with their neighbours, as those of a fade do. Things that
/// move badly enough to raise a median are not noise, hence the bound.
float noise_of(const Plane& change, const std::vector<float>& visible) {
  constexpr float kMost = 6;
  constexpr float kPerMedian = 1.4826F;
  constexpr int kPerLevel = 8;
  std::array<std::size_t, 256> counts{};
  std::size_t total = 0;
  std::size_t i = 0;
  const Plane shared = averaged(change, kNeighbours);
  for (int y = 0; y < change.rows; ++y) {
    for (int x = 0; x < change.cols; ++x, ++i) {
      if (visible[i] > 0) {
        const float own = std::abs(change(y, x) - shared(y, x));
        const auto bin = static_cast<std::size_t>(own * kPerLevel);
        ++counts.at(std::min(bin, counts.size() - 1));
        ++total;
      }
    }
  }
  std::size_t below = 0;
  for (std::size_t bin = 0; bin < counts.size(); ++bin) {
    below += counts.at(bin);
    if (2 * below >= total) {
      return std::min(kMost, kPerMedian * static_cast<float>(bin) / kPerLevel);
    }
  }
  return kMost;
}

/// How steep the brightness is, in levels a cell.
Plane steepness(const Brightness& picture) {
  const Size size = picture.size;
  Plane result(size.height, size.width);
  for (int y = 0; y < size.height; ++y) {
    const auto row = [&](int line) {
      return picture.values.data() +
             static_cast<std::size_t>(std::clamp(line, 0, size.height - 1)) *
                 static_cast<std::size_t>(size.width);
    };
    const std::uint8_t* above = row(y - 1);
    const std::uint8_t* here = row(y);
    const std::uint8_t* below = row(y + 1);
    float* into = result[y];
    for (int x = 0; x < size.width; ++x) {
      const int left = std::max(0, x - 1);
      const int right = std::min(size.width - 1, x + 1);
      const int across = std::abs(static_cast<int>(here[right]) - static_cast<int>(here[left]));
      const int down = std::abs(static_cast<int>(below[x]) - static_cast<int>(above[x]));
      into[x] = 0.5F * static_cast<float>(std::max(across, down));
    }
  }
  return result;
}

/// Sets to nothing the flow of places that are explained as well by having stood still, and takes
/// them as seen: noise alone makes flow, and a painting that is moved by it shivers and blurs.
/// Flow that does not lead back home was chosen to explain the noise, and does so better than no
/// flow. Long flow is judged by what is around as well: on a plain surface anything explains
/// anything, and it may be part of a thing that moves. Without `long_too` long flow is believed.
void stop_what_stands_still(const Change& change, bool long_too, SettledFlow& settled) {
  auto& [flow, visible] = settled;
  constexpr float kShort = 1;  // cells
  constexpr int kAround = 15;  // cells
  constexpr float kTimes = 1.1F;
  constexpr float kLevels = 0.25F;
  constexpr float kOfNoise = 0.6F;
  const float of_noise = kOfNoise * noise_of(change.along_flow, visible);
  Plane lost = cv::abs(change.in_place) - kTimes * cv::abs(change.along_flow) - kLevels;
  std::transform(lost.begin(), lost.end(), visible.begin(), lost.begin(),
                 [&](float levels, float seen) { return levels - of_noise * (1 - seen); });
  const Plane lost_here = averaged(lost, kNeighbours);
  const Plane lost_around = averaged(lost, kAround);
  std::size_t i = 0;
  for (int y = 0; y < lost.rows; ++y) {
    for (int x = 0; x < lost.cols; ++x, ++i) {
      const bool is_short = std::abs(flow.dx[i]) < kShort && std::abs(flow.dy[i]) < kShort;
      if (lost_here(y, x) <= 0 && (is_short || (long_too && lost_around(y, x) <= 0))) {
        flow.dx[i] = 0;
        flow.dy[i] = 0;
        visible[i] = 1;
      }
    }
  }
}

/// Whether the whole picture grows darker or lighter: what leans on the past then lags behind.
bool is_fading(const Plane& change, const std::vector<float>& visible) {
  constexpr float kLevels = 1.5F;
  std::vector<float> changes;
  changes.reserve(visible.size());
  auto one = change.begin();
  for (const float seen : visible) {
    if (seen > 0) {
      changes.push_back(*one);
    }
    ++one;
  }
  if (changes.empty()) {
    return false;
  }
  const auto middle = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() / 2);
  std::nth_element(changes.begin(), middle, changes.end());
  return std::abs(*middle) > kLevels;
}

/// How many times the usual the brightness changes at each place along good flow for what moves
/// far: it is blurred, and in no two frames the same way.
Plane changes_by_blur(const FlowField& flow) {
  constexpr float kSharp = 4;  // cells of motion that blur next to nothing
  constexpr float kOnce = 2;   // more cells that blur as much as is usual
  constexpr float kMost = 4;   // more would carry the blur of one frame into a sharp next one
  Plane times(flow.size.height, flow.size.width);
  std::transform(flow.dx.begin(), flow.dx.end(), flow.dy.begin(), times.begin(),
                 [&](float dx, float dy) {
                   return std::clamp(1 + (std::hypot(dx, dy) - kSharp) / kOnce, 1.0F, kMost);
                 });
  return times;
}

/// 1 where no more has changed than `patience` times what noise, edges that are missed by a
/// fraction of a cell, and `blur` explain, falling to 0 at twice that.
Plane sameness(const Plane& change, const Plane& steep, const std::vector<float>& visible,
               float patience, const Plane& blur) {
  const float noise = noise_of(change, visible);
  const Plane mean = averaged(change, kNeighbours);
  const Plane size = averaged(cv::abs(change), kNeighbours);
  const Plane edges = averaged(steep, kNeighbours);
  const float patience_for_mean = is_fading(change, visible) ? 1 : patience;
  Plane same(change.rows, change.cols);
  for (int y = 0; y < same.rows; ++y) {
    for (int x = 0; x < same.cols; ++x) {
      const float edge = edges(y, x);
      const float mean_allowed = 1.5F + 0.5F * noise + 0.15F * edge;
      const float size_allowed = 1.5F + 1.2F * noise + 0.35F * edge;
      const float times = std::max(std::abs(mean(y, x)) / mean_allowed / patience_for_mean,
                                   size(y, x) / size_allowed / patience) /
                          blur(y, x);
      same(y, x) = std::clamp(2 - times, 0.0F, 1.0F);
    }
  }
  return same;
}

/// Whether a part of the picture that is worth mentioning stands still, and with it the camera.
bool anything_stands_still(const Matches& matches) {
  constexpr float kStill = 0.5F;  // cells
  constexpr float kShare = 0.05F;
  std::size_t still = 0;
  std::size_t sure = 0;
  for (const Match& match : matches.places) {
    const float motion = std::max(std::abs(match.dx), std::abs(match.dy));
    sure += match.sure ? 1 : 0;
    still += match.sure && motion <= kStill ? 1 : 0;
  }
  return static_cast<float>(still) >= kShare * static_cast<float>(sure);
}

/// Layered flow from `current` back to `previous`, settled, if the camera moves. Where it stands
/// still there is none: plain places around a thing that moves would move along with it, and both
/// ways alike; there flow by brightness errs on the side of stillness.
std::optional<SettledFlow> settled_layered_flow(const Look& previous, const Look& current) {
  const MatchesBothWays matches = match(current.textures, previous.textures);
  if (anything_stands_still(matches.there)) {
    return std::nullopt;
  }
  auto [there, back] = layered_flow(current.textures, previous.textures, matches);
  SettledFlow result{refined_flow(current.brightness, previous.brightness, there), {}};
  result.visible = visibility(result.flow, back, kTolerance);
  stop_what_stands_still(change_between(previous.brightness, current.brightness, result.flow),
                         false, result);
  return result;
}

}  // namespace

SettledFlow settled_flow(const Brightness& previous, const Brightness& current,
                         const GuideOptions& options) {
  SettledFlow result{dense_flow(current, previous, options.effort), {}};
  const FlowField back = dense_flow(previous, current, options.check);
  result.visible = visibility(result.flow, back, kTolerance);
  stop_what_stands_still(change_between(previous, current, result.flow), true, result);
  return result;
}

Look look_at(const Picture& picture, Size size, const GuideOptions& options) {
  return {brightness_of(picture, size), options.layered ? textures_of(picture, size) : Textures()};
}

Guide guide(const Look& previous, const Look& current, const GuideOptions& options) {
  const Brightness& now = current.brightness;
  std::optional<SettledFlow> layered;
  if (options.layered) {
    layered = settled_layered_flow(previous, current);
  }
  SettledFlow settled =
      layered ? std::move(*layered) : settled_flow(previous.brightness, now, options);
  const Plane change = change_between(previous.brightness, now, settled.flow).along_flow;
  const Plane blur =
      layered ? changes_by_blur(settled.flow) : Plane(now.size.height, now.size.width, 1.0F);
  Plane trust = sameness(change, steepness(now), settled.visible, options.patience, blur);
  std::transform(trust.begin(), trust.end(), settled.visible.begin(), trust.begin(),
                 [](float same, float seen) { return same * seen; });
  // Flow knows the borders of things no better than to a cell: the doubtful side wins, softly.
  cv::erode(trust, trust, cv::Mat(), {-1, -1}, 1, cv::BORDER_REPLICATE);
  cv::blur(trust, trust, {3, 3}, {-1, -1}, cv::BORDER_REPLICATE);
  return {now.size,
          std::move(settled.flow.dx),
          std::move(settled.flow.dy),
          {trust.begin(), trust.end()}};
}

}  // namespace impasto::temporal
