#include "temporal/layered_flow.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>

#include "temporal/edge_filter.h"
#include "temporal/matching.h"
#include "temporal/metrics.h"
#include "temporal/planes.h"

namespace impasto::temporal {
namespace {

constexpr int kSmallestSide = 16;
constexpr std::size_t kLayers = kMostPlanes + 1;

// All filters work at half the size of the flow; their reach is in places there.
constexpr float kEdge = 40;        ///< Levels of colour that stop a filter.
constexpr float kFaintEdge = 100;  ///< The same where edges matter less.

std::size_t count_of(Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

using Place = PlaneMotion::Place;

/// The flow that one picture may have at each place: that of each plane, then what matches say.
/// One channel is one such layer.
class Layers {
 public:
  Layers(const Textures& here, const Textures& there, const Matches& matches,
         std::vector<PlaneMotion> planes)
      : here_(here), there_(there), matches_(matches), planes_(std::move(planes)) {}

  /// The flow of the best layer, at half the size.
  [[nodiscard]] FlowField flow() const {
    const FlowField around = spread_matches();
    constexpr float kFar = 30;  // how far matches speak for a layer ...
    constexpr float kNear = 6;  // ... and for what is not quite so in it
    Volume<kLayers> votes(here_.half);
    Volume<4> misses(here_.half);
    vote(votes, misses);
    EdgeFilter(here_.colour, here_.half, kFar, kFaintEdge).apply(votes);
    EdgeFilter(here_.colour, here_.half, kNear, kFaintEdge).apply(misses);
    const Volume<kLayers> costs = differences(around);
    FlowField result{here_.half, {}, {}};
    result.dx.reserve(around.dx.size());
    result.dy.reserve(around.dx.size());
    for (std::size_t i = 0; i < around.dx.size(); ++i) {
      const std::size_t layer = best_layer(costs.at(i), votes.at(i));
      const Place move = layer < planes_.size() ? moved_about(layer, i, misses.at(i))
                                                : Place{around.dx[i], around.dy[i]};
      const Place bounded = within_reach(move);
      result.dx.push_back(0.5F * bounded.x);
      result.dy.push_back(0.5F * bounded.y);
    }
    return result;
  }

 private:
  [[nodiscard]] std::size_t layers() const { return planes_.size() + 1; }

  /// How far a plane's motion takes a place.
  [[nodiscard]] Place moved(std::size_t plane, std::size_t place) const {
    const auto width = static_cast<std::size_t>(here_.half.width);
    const std::size_t row = place / width;
    const float x = 2 * static_cast<float>(place - row * width) + 0.5F;
    const float y = 2 * static_cast<float>(row) + 0.5F;
    const Place to = planes_[plane].moved(x, y);
    return {to.x - x, to.y - y};
  }

  /// The same with what the matches nearby differ from it, given as their sum and their number.
  [[nodiscard]] Place moved_about(std::size_t plane, std::size_t place, const float* miss) const {
    constexpr float kOfNothing = 0.04F;  // as many as hardly count; one has about 0.25
    const Place move = moved(plane, place);
    const float number = miss[2] + kOfNothing;
    return {move.x + miss[0] / number, move.y + miss[1] / number};
  }

  /// Far outside is far enough; and a plane takes nothing to where the camera cannot see.
  [[nodiscard]] Place within_reach(Place move) const {
    if (!std::isfinite(move.x) || !std::isfinite(move.y)) {
      return {};
    }
    const auto most = static_cast<float>(2 * (matches_.picture.width + matches_.picture.height));
    return {std::clamp(move.x, -most, most), std::clamp(move.y, -most, most)};
  }

  template <typename Do>
  void for_each_sure(const Do& what) const {
    std::size_t i = 0;
    for (int row = 0; row < matches_.grid.height; ++row) {
      for (int column = 0; column < matches_.grid.width; ++column, ++i) {
        if (matches_.places[i].sure) {
          const int x = matches_.x_of(column);
          const int y = matches_.y_of(row);
          const std::size_t place =
              static_cast<std::size_t>(y / 2) * static_cast<std::size_t>(here_.half.width) +
              static_cast<std::size_t>(x / 2);
          what(place, static_cast<float>(x), static_cast<float>(y), matches_.places[i]);
        }
      }
    }
  }

  /// What the matches around each place say.
  [[nodiscard]] FlowField spread_matches() const {
    constexpr float kReach = 30;
    constexpr float kSharpEdge = 20;
    constexpr float kHardlyAny = 1e-12F;
    Volume<4> sums(here_.half);
    for_each_sure([&](std::size_t place, float, float, const Match& match) {
      float* sum = sums.at(place);
      sum[0] += match.dx;
      sum[1] += match.dy;
      sum[2] += 1;
    });
    EdgeFilter(here_.colour, here_.half, kReach, kSharpEdge).apply(sums);
    FlowField field{here_.half, {}, {}};
    for (std::size_t i = 0; i < count_of(here_.half); ++i) {
      const float* sum = sums.at(i);
      field.dx.push_back(sum[0] / (sum[2] + kHardlyAny));
      field.dy.push_back(sum[1] / (sum[2] + kHardlyAny));
    }
    return field;
  }

  /// Each sure match speaks for the plane that it lies on, and says how far from that it is; or for
  /// the last layer.
  void vote(Volume<kLayers>& votes, Volume<4>& misses) const {
    for_each_sure([&](std::size_t place, float x, float y, const Match& match) {
      std::size_t layer = planes_.size();
      float nearest = 1.3F * kPlaneTolerance;
      Place miss;
      for (std::size_t plane = 0; plane < planes_.size(); ++plane) {
        const Place to = planes_[plane].moved(x, y);
        const Place off{x + match.dx - to.x, y + match.dy - to.y};
        const float distance = std::hypot(off.x, off.y);
        if (distance < nearest) {
          nearest = distance;
          layer = plane;
          miss = off;
        }
      }
      votes.at(place)[layer] += 1;
      if (layer < planes_.size()) {
        float* sum = misses.at(place);
        sum[0] += miss.x;
        sum[1] += miss.y;
        sum[2] += 1;
      }
    });
  }

  /// How the texture of a place differs from that of where it may have gone to.
  [[nodiscard]] float difference_between(int x, int y, Place move) const {
    constexpr float kMost = 250;  // what is different is no more so than this
    const Texture& here = here_.levels[1];
    const Texture& there = there_.levels[1];
    const float to_x = static_cast<float>(x) + 0.5F * move.x + 0.5F;
    const float to_y = static_cast<float>(y) + 0.5F * move.y + 0.5F;
    const bool inside = to_x > 0 && to_y > 0 && to_x < static_cast<float>(there.size.width) &&
                        to_y < static_cast<float>(there.size.height);
    if (!inside) {
      return kMost;
    }
    const std::uint8_t* target = there.at(static_cast<int>(to_x), static_cast<int>(to_y));
    return std::min(kMost, static_cast<float>(difference(here.at(x, y), target, 1, 1)));
  }

  /// The same of each place for each layer, spread.
  [[nodiscard]] Volume<kLayers> differences(const FlowField& around) const {
    constexpr float kReach = 12;
    constexpr float kUnsteady = 5;  // planes are the better explanation where both explain
    Volume<kLayers> costs(here_.half);
    std::size_t i = 0;
    for (int y = 0; y < here_.half.height; ++y) {
      for (int x = 0; x < here_.half.width; ++x, ++i) {
        float* cost = costs.at(i);
        for (std::size_t layer = 0; layer < layers(); ++layer) {
          const Place move =
              layer < planes_.size() ? moved(layer, i) : Place{around.dx[i], around.dy[i]};
          cost[layer] = difference_between(x, y, move);
        }
      }
    }
    EdgeFilter(here_.colour, here_.half, kReach, kEdge).apply(costs);
    for (std::size_t place = 0; place < count_of(here_.half); ++place) {
      costs.at(place)[planes_.size()] += kUnsteady;
    }
    return costs;
  }

  [[nodiscard]] std::size_t best_layer(const float* costs, const float* votes) const {
    constexpr float kVotes = 120;        // what differences weigh against
    constexpr float kHardlyAny = 4e-5F;  // votes everybody has
    constexpr float kDoubt = 0.01F;
    float all = 0;
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      all += votes[layer] + kHardlyAny;
    }
    std::size_t best = 0;
    float least = std::numeric_limits<float>::max();
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      const float share = (votes[layer] + kHardlyAny) / all;
      const float cost = costs[layer] - kVotes * std::log(share + kDoubt);
      if (cost < least) {
        least = cost;
        best = layer;
      }
    }
    return best;
  }

  const Textures& here_;
  const Textures& there_;
  const Matches& matches_;
  std::vector<PlaneMotion> planes_;
};

}  // namespace

FlowBothWays layered_flow(const Textures& one, const Textures& other,
                          const MatchesBothWays& matches) {
  const Size size = one.levels.front().size;
  if (std::min(size.width, size.height) < kSmallestSide) {
    const FlowField nothing{size, std::vector<float>(count_of(size)),
                            std::vector<float>(count_of(size))};
    return {nothing, nothing};
  }
  const std::vector<PlaneMotion> planes = find_planes(matches);
  std::vector<PlaneMotion> turned;
  std::transform(planes.begin(), planes.end(), std::back_inserter(turned),
                 [](const PlaneMotion& plane) { return plane.turned(); });
  return {enlarged(Layers(one, other, matches.there, planes).flow(), size),
          enlarged(Layers(other, one, matches.back, turned).flow(), size)};
}

}  // namespace impasto::temporal
