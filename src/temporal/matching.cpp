#include "temporal/matching.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/error.h"

namespace impasto::temporal {
namespace {

constexpr int kTaps = 4;    ///< Cells that are compared along each axis ...
constexpr int kApart = 3;   ///< ... and how far they are from each other.
constexpr int kRounds = 4;  ///< Of spreading what was found to the neighbours.
constexpr int kNearby = 4;  ///< Cells around what a coarser level found that are searched.
constexpr int kCoarse = 2;  ///< Cells from place to place at the coarser levels ...
constexpr int kFine = 4;    ///< ... and at the finest.
constexpr int kNever = std::numeric_limits<int>::max();

static_assert((kTaps * kApart) / 2 <= Texture::kMargin);

/// A sequence of numbers that look random (Marsaglia, "Xorshift RNGs", 2003).
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : state_(seed) {}
  /// -most to most.
  int within(int most) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return static_cast<int>(state_ % static_cast<std::uint32_t>(2 * most + 1)) - most;
  }

 private:
  std::uint32_t state_;
};

struct Spot {
  int x = 0;
  int y = 0;
};

/// How what is around two spots differs; `enough` or more where it is that much.
int difference_around(const Texture& here, Spot a, const Texture& there, Spot b, int enough) {
  constexpr int kFirst = -(kTaps - 1) * kApart / 2;
  int sum = 0;
  for (int row = 0; row < kTaps && sum < enough; ++row) {
    const int down = kFirst + row * kApart;
    const std::uint8_t* one = here.at(a.x + kFirst, a.y + down);
    const std::uint8_t* other = there.at(b.x + kFirst, b.y + down);
    sum += difference(one, other, kTaps, kApart);
  }
  return sum;
}

/// A place's best match so far.
struct Found {
  Spot move;
  int difference = kNever;
};

/// One picture's search in the other at one level.
class Search {
 public:
  Search(const Texture& here, const Texture& there, int step)
      : here_(&here),
        there_(&there),
        step_(step),
        grid_{(here.size.width + step - 1) / step, (here.size.height + step - 1) / step},
        found_(static_cast<std::size_t>(grid_.width) * static_cast<std::size_t>(grid_.height)) {}

  void begin_anywhere(int reach, Chance& chance) {
    for_each_place([&](int column, int row) {
      try_move(column, row, {0, 0});  // first, so that where there is nothing, nothing moves
      const int dx = chance.within(reach);
      try_move(column, row, {dx, chance.within(reach)});
    });
  }

  void begin_with(const Search& coarser) {
    for_each_place([&](int column, int row) {
      const Spot place = place_of(column, row);
      const Spot move = coarser.nearest({place.x / 2, place.y / 2}).move;
      try_move(column, row, {2 * move.x, 2 * move.y});
    });
  }

  /// Rows and columns are gone through forwards and backwards in turn, so that what one place has
  /// found spreads over all that move alike.
  void improve(int reach, Chance& chance) {
    for (int round = 0; round < kRounds; ++round) {
      const bool forwards = round % 2 == 0;
      for (int j = 0; j < grid_.height; ++j) {
        const int row = forwards ? j : grid_.height - 1 - j;
        for (int i = 0; i < grid_.width; ++i) {
          const int column = forwards ? i : grid_.width - 1 - i;
          improve_place(column, row, forwards ? -1 : 1, reach, chance);
        }
      }
    }
  }

  [[nodiscard]] const Found& nearest(Spot spot) const {
    return at(std::min(grid_.width - 1, spot.x / step_),
              std::min(grid_.height - 1, spot.y / step_));
  }

  [[nodiscard]] Matches matches() const {
    Matches result{here_->size, step_, grid_, {}};
    for (int row = 0; row < grid_.height; ++row) {
      for (int column = 0; column < grid_.width; ++column) {
        result.places.push_back(between_cells(column, row));
      }
    }
    return result;
  }

  /// Whether what a place was matched with was itself matched with the place, or nearly.
  [[nodiscard]] bool agrees(int column, int row, const Search& back) const {
    constexpr float kMiss = 1.5F;
    const Spot place = place_of(column, row);
    const Spot move = at(column, row).move;
    const Spot home = back.nearest({place.x + move.x, place.y + move.y}).move;
    return std::hypot(static_cast<float>(move.x + home.x), static_cast<float>(move.y + home.y)) <=
           kMiss;
  }

  /// Whether a place is more like its match than like its own surroundings: noise is not.
  [[nodiscard]] bool is_distinct(int column, int row) const {
    constexpr int kAway = 6;
    constexpr int kTimes = 2;
    const Spot place = place_of(column, row);
    int sum = 0;
    for (const Spot away : {Spot{-kAway, 0}, Spot{kAway, 0}, Spot{0, -kAway}, Spot{0, kAway}}) {
      const Spot beside{std::clamp(place.x + away.x, 0, here_->size.width - 1),
                        std::clamp(place.y + away.y, 0, here_->size.height - 1)};
      sum += difference_around(*here_, place, *here_, beside, kNever);
    }
    return kTimes * 4 * at(column, row).difference <= sum;
  }

 private:
  template <typename Do>
  void for_each_place(const Do& what) {
    for (int row = 0; row < grid_.height; ++row) {
      for (int column = 0; column < grid_.width; ++column) {
        what(column, row);
      }
    }
  }

  [[nodiscard]] Spot place_of(int column, int row) const {
    return {std::min(here_->size.width - 1, column * step_ + step_ / 2),
            std::min(here_->size.height - 1, row * step_ + step_ / 2)};
  }
  [[nodiscard]] std::size_t index(int column, int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(grid_.width) +
           static_cast<std::size_t>(column);
  }
  [[nodiscard]] const Found& at(int column, int row) const { return found_[index(column, row)]; }
  Found& at(int column, int row) { return found_[index(column, row)]; }

  /// Moves that would lead outside lead to the border.
  void try_move(int column, int row, Spot move) {
    const Spot place = place_of(column, row);
    const Spot target{std::clamp(place.x + move.x, 0, there_->size.width - 1),
                      std::clamp(place.y + move.y, 0, there_->size.height - 1)};
    const Spot bounded{target.x - place.x, target.y - place.y};
    Found& found = at(column, row);
    if (found.difference != kNever && bounded.x == found.move.x && bounded.y == found.move.y) {
      return;
    }
    const int sum = difference_around(*here_, place, *there_, target, found.difference);
    if (sum < found.difference) {
      found = {bounded, sum};
    }
  }

  void improve_place(int column, int row, int before, int reach, Chance& chance) {
    const auto try_neighbour = [&](int across, int down) {
      const int x = column + across;
      const int y = row + down;
      if (x >= 0 && y >= 0 && x < grid_.width && y < grid_.height) {
        try_move(column, row, at(x, y).move);
      }
    };
    try_neighbour(before, 0);
    try_neighbour(0, before);
    try_neighbour(before, before);
    try_neighbour(-before, before);
    for (int within = reach; within >= 1; within /= 2) {
      const Spot move = at(column, row).move;
      const int dx = chance.within(within);
      try_move(column, row, {move.x + dx, move.y + chance.within(within)});
    }
  }

  /// The match to a part of a cell, where the differences on either side say it lies.
  [[nodiscard]] Match between_cells(int column, int row) const {
    const Found& found = at(column, row);
    const Spot place = place_of(column, row);
    const auto beside = [&](int across, int down) {
      const Spot target{std::clamp(place.x + found.move.x + across, 0, there_->size.width - 1),
                        std::clamp(place.y + found.move.y + down, 0, there_->size.height - 1)};
      return static_cast<float>(difference_around(*here_, place, *there_, target, kNever));
    };
    const auto best = static_cast<float>(found.difference);
    const auto share = [&](float before, float after) {
      const float rise = std::max(before, after) - best;
      return rise <= 0 ? 0 : std::clamp(0.5F * (before - after) / rise, -0.5F, 0.5F);
    };
    return {static_cast<float>(found.move.x) + share(beside(-1, 0), beside(1, 0)),
            static_cast<float>(found.move.y) + share(beside(0, -1), beside(0, 1)), false};
  }

  const Texture* here_;
  const Texture* there_;
  int step_;
  Size grid_;
  std::vector<Found> found_;
};

Search search(const Textures& here, const Textures& there, std::uint32_t seed) {
  Chance chance(seed);
  const std::size_t coarsest = std::min(here.levels.size(), there.levels.size()) - 1;
  const auto step = [](std::size_t level) { return level == 0 ? kFine : kCoarse; };
  Search result(here.levels[coarsest], there.levels[coarsest], step(coarsest));
  const Size size = here.levels[coarsest].size;
  const int anywhere = std::max(size.width, size.height) / 2;
  result.begin_anywhere(anywhere, chance);
  result.improve(anywhere, chance);
  for (std::size_t level = coarsest; level-- > 0;) {
    Search finer(here.levels[level], there.levels[level], step(level));
    finer.begin_with(result);
    finer.improve(kNearby, chance);
    result = std::move(finer);
  }
  return result;
}

Matches checked(const Search& there, const Search& back) {
  Matches matches = there.matches();
  std::size_t i = 0;
  for (int row = 0; row < matches.grid.height; ++row) {
    for (int column = 0; column < matches.grid.width; ++column, ++i) {
      matches.places[i].sure = there.is_distinct(column, row) && there.agrees(column, row, back);
    }
  }
  return matches;
}

}  // namespace

MatchesBothWays match(const Textures& one, const Textures& other) {
  const Size size = one.levels.front().size;
  const Size other_size = other.levels.front().size;
  if (size != other_size) {
    throw Error(ExitCode::bug, "matches were asked for between pictures of " + to_string(size) +
                                   " and " + to_string(other_size) + " pixels");
  }
  const Search there = search(one, other, 1);
  const Search back = search(other, one, 2);
  return {checked(there, back), checked(back, there)};
}

}  // namespace impasto::temporal
