#include "temporal/planes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <opencv2/core.hpp>
#include <optional>

namespace impasto::temporal {
namespace {

constexpr float kLeastShare = 0.005F;  ///< Of all places, that make a plane.
constexpr int kTries = 120;
constexpr std::size_t kSample = 1500;    ///< Matches that guesses are judged by.
constexpr std::size_t kBestGuesses = 8;  ///< That are grown.
constexpr std::size_t kFewest = 8;       ///< Matches to fit a motion to.

/// A match, relative to the picture's middle and width.
struct Pair {
  float x = 0;
  float y = 0;
  float to_x = 0;
  float to_y = 0;
};

using Pairs = std::vector<Pair>;
using Terms = std::array<double, 8>;  ///< Of a homography by rows, but for its last, which is 1.

constexpr Terms kStill{1, 0, 0, 0, 1, 0, 0, 0};

class Chance {
 public:
  std::size_t below(std::size_t count) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state_ >> 33U) % count;
  }

 private:
  std::uint64_t state_ = 1;
};

void add_pairs(const Matches& matches, bool turned, Pairs& pairs) {
  const auto width = static_cast<float>(matches.picture.width);
  const float left = 0.5F * width;
  const float top = 0.5F * static_cast<float>(matches.picture.height);
  std::size_t i = 0;
  for (int row = 0; row < matches.grid.height; ++row) {
    for (int column = 0; column < matches.grid.width; ++column, ++i) {
      const Match& match = matches.places[i];
      if (match.sure) {
        const float x = (static_cast<float>(matches.x_of(column)) - left) / width;
        const float y = (static_cast<float>(matches.y_of(row)) - top) / width;
        const float to_x = x + match.dx / width;
        const float to_y = y + match.dy / width;
        pairs.push_back(turned ? Pair{to_x, to_y, x, y} : Pair{x, y, to_x, to_y});
      }
    }
  }
}

/// The square of how far a pair is from a motion.
float miss(const Pair& pair, const std::array<float, 8>& terms) {
  const float depth = terms[6] * pair.x + terms[7] * pair.y + 1;
  const float across = terms[0] * pair.x + terms[1] * pair.y + terms[2] - depth * pair.to_x;
  const float down = terms[3] * pair.x + terms[4] * pair.y + terms[5] - depth * pair.to_y;
  constexpr float kNearest = 0.3F;
  constexpr float kFarthest = 1e9F;
  return depth > kNearest ? (across * across + down * down) / (depth * depth) : kFarthest;
}

std::array<float, 8> in_floats(const Terms& terms) {
  std::array<float, 8> result{};
  std::transform(terms.begin(), terms.end(), result.begin(),
                 [](double term) { return static_cast<float>(term); });
  return result;
}

/// How well a motion explains pairs: each counts the more the nearer it is, within `tolerance`.
float support(const Pairs& pairs, const Terms& terms, float tolerance) {
  const std::array<float, 8> floats = in_floats(terms);
  const float farthest = tolerance * tolerance;
  float sum = 0;
  for (const Pair& pair : pairs) {
    sum += std::max(0.0F, 1 - miss(pair, floats) / farthest);
  }
  return sum;
}

Pairs pairs_within(const Pairs& pairs, const Terms& terms, float tolerance) {
  const std::array<float, 8> floats = in_floats(terms);
  Pairs result;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(result),
               [&](const Pair& pair) { return miss(pair, floats) < tolerance * tolerance; });
  return result;
}

/// The sums that the normal equations of least squares are made of: of the products of a pair's x,
/// y and 1, times 1, where it goes to (x, then y), and the square of the latter's distance.
class Moments {
 public:
  void add(const Pair& pair, double weight) {
    const double x = pair.x;
    const double y = pair.y;
    const std::array<double, 6> products{x * x, x * y, x, y * y, y, 1};
    const std::array<double, 4> times{weight, weight * pair.to_x, weight * pair.to_y,
                                      weight * (pair.to_x * pair.to_x + pair.to_y * pair.to_y)};
    for (std::size_t i = 0; i < times.size(); ++i) {
      for (std::size_t j = 0; j < products.size(); ++j) {
        sums_[i][j] += times[i] * products[j];
      }
    }
  }

  /// The terms of the motion that fits best; without perspective only the first six.
  [[nodiscard]] std::optional<Terms> solved(bool perspective) const {
    cv::Matx<double, 8, 8> left = cv::Matx<double, 8, 8>::eye();
    cv::Vec<double, 8> right;
    const auto set = [&](int row, int column, double value) {
      left(row, column) = value;
      left(column, row) = value;
    };
    for (int i = 0; i < 3; ++i) {
      right(i) = sum(1, i, 2);
      right(3 + i) = sum(2, i, 2);
      for (int j = 0; j < 3; ++j) {
        left(i, j) = sum(0, i, j);
        left(3 + i, 3 + j) = sum(0, i, j);
      }
      for (int j = 0; perspective && j < 2; ++j) {
        set(i, 6 + j, -sum(1, i, j));
        set(3 + i, 6 + j, -sum(2, i, j));
      }
    }
    for (int i = 0; perspective && i < 2; ++i) {
      right(6 + i) = -sum(3, i, 2);
      for (int j = 0; j < 2; ++j) {
        left(6 + i, 6 + j) = sum(3, i, j);
      }
    }
    constexpr double kHardlyAny = 1e-9;  // holds what the pairs say nothing about
    cv::Vec<double, 8> terms;
    left += kHardlyAny * cv::Matx<double, 8, 8>::eye();
    if (!cv::solve(left, right, terms, cv::DECOMP_CHOLESKY)) {
      return std::nullopt;
    }
    Terms result{};
    std::copy_n(terms.val, result.size(), result.begin());
    return result;
  }

 private:
  [[nodiscard]] double sum(std::size_t times, int i, int j) const {
    constexpr std::array<std::array<std::size_t, 3>, 3> kProduct{{{0, 1, 2}, {1, 3, 4}, {2, 4, 5}}};
    return sums_[times][kProduct.at(static_cast<std::size_t>(i)).at(static_cast<std::size_t>(j))];
  }

  std::array<std::array<double, 6>, 4> sums_{};
};

/// The motion that fits best: without perspective for few pairs, which do not tell it. The terms
/// before say how much each pair's equations stand for.
std::optional<Terms> fitted(const Pairs& pairs, const Terms& before) {
  constexpr std::size_t kFewForPerspective = 40;
  if (pairs.size() < 3) {
    return std::nullopt;
  }
  Moments moments;
  for (const Pair& pair : pairs) {
    const double depth = before[6] * pair.x + before[7] * pair.y + 1;
    moments.add(pair, 1 / (depth * depth));
  }
  return moments.solved(pairs.size() >= kFewForPerspective);
}

/// A pair and two more from around it, at random.
Pairs neighbours(const Pairs& pairs, Chance& chance) {
  constexpr float kNear = 0.04F;  // of the picture's width, times 1, 2 or 4
  constexpr int kLooks = 60;
  const Pair& first = pairs[chance.below(pairs.size())];
  const float reach = kNear * static_cast<float>(1U << chance.below(3));
  Pairs result{first};
  for (int look = 0; look < kLooks && result.size() < 3; ++look) {
    const Pair& other = pairs[chance.below(pairs.size())];
    const bool another = other.x != result.back().x || other.y != result.back().y;
    if (another && std::abs(other.x - first.x) < reach && std::abs(other.y - first.y) < reach) {
      result.push_back(other);
    }
  }
  return result;
}

struct Guess {
  Terms terms = kStill;
  float support = 0;
};

/// The guess fitted again and again to what lies near it, as long as that is more and more.
template <std::size_t Count>
Guess grown(Guess guess, const Pairs& pairs, float tolerance,
            const std::array<float, Count>& times) {
  Terms terms = guess.terms;
  for (const float wider : times) {
    const Pairs near = pairs_within(pairs, terms, wider * tolerance);
    const std::optional<Terms> next = near.size() < kFewest ? std::nullopt : fitted(near, terms);
    if (!next) {
      break;
    }
    terms = *next;
    const float now = support(pairs, terms, tolerance);
    if (now > guess.support) {
      guess = {terms, now};
    }
  }
  return guess;
}

Pairs sample_of(const Pairs& pairs) {
  const std::size_t every = std::max<std::size_t>(1, pairs.size() / kSample);
  Pairs sample;
  for (std::size_t i = 0; i < pairs.size(); i += every) {
    sample.push_back(pairs[i]);
  }
  return sample;
}

/// The motion that explains most of the pairs.
Guess largest_plane(const Pairs& pairs, float tolerance, Chance& chance) {
  const Pairs sample = sample_of(pairs);
  std::vector<Guess> guesses;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    if (const std::optional<Terms> terms = fitted(neighbours(sample, chance), kStill)) {
      guesses.push_back({*terms, support(sample, *terms, tolerance)});
    }
  }
  std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& one, const Guess& other) {
    return one.support > other.support;
  });
  guesses.resize(std::min(guesses.size(), kBestGuesses));
  Guess best;
  for (const Guess& guess : guesses) {
    constexpr std::array<float, 8> kWideFirst{1.8F, 1.8F, 1.8F, 1.8F, 1, 1, 1, 1};
    const Guess large = grown(guess, sample, tolerance, kWideFirst);
    best = large.support > best.support ? large : best;
  }
  constexpr std::array<float, 6> kNarrowLast{1.5F, 1.5F, 1, 1, 0.7F, 0.7F};
  best.support = support(pairs, best.terms, tolerance);
  return grown(best, pairs, tolerance, kNarrowLast);
}

}  // namespace

PlaneMotion::PlaneMotion(const std::array<double, 8>& terms, Size picture) {
  const double width = picture.width;
  const cv::Matx33d motion(terms[0], terms[1], terms[2], terms[3], terms[4], terms[5], terms[6],
                           terms[7], 1);
  const cv::Matx33d from_cells(1 / width, 0, -0.5, 0, 1 / width, -0.5 * picture.height / width, 0,
                               0, 1);
  const cv::Matx33d to_cells(width, 0, 0.5 * width, 0, width, 0.5 * picture.height, 0, 0, 1);
  const cv::Matx33d in_cells = to_cells * motion * from_cells;
  std::copy_n(in_cells.val, cells_.size(), cells_.begin());
}

PlaneMotion::Place PlaneMotion::moved(float x, float y) const {
  const double depth = cells_[6] * x + cells_[7] * y + cells_[8];
  if (depth <= 0) {
    return {NAN, NAN};
  }
  return {static_cast<float>((cells_[0] * x + cells_[1] * y + cells_[2]) / depth),
          static_cast<float>((cells_[3] * x + cells_[4] * y + cells_[5]) / depth)};
}

PlaneMotion PlaneMotion::turned() const {
  const cv::Matx33d motion(cells_.data());
  bool possible = false;
  const cv::Matx33d inverse = motion.inv(cv::DECOMP_LU, &possible);
  PlaneMotion result;
  if (possible) {
    std::copy_n(inverse.val, result.cells_.size(), result.cells_.begin());
  }
  return result;
}

std::vector<PlaneMotion> find_planes(const MatchesBothWays& matches) {
  Pairs rest;
  add_pairs(matches.there, false, rest);
  add_pairs(matches.back, true, rest);
  const Size picture = matches.there.picture;
  const float tolerance = kPlaneTolerance / static_cast<float>(picture.width);
  const std::size_t places = matches.there.places.size() + matches.back.places.size();
  const std::size_t fewest =
      std::max(static_cast<std::size_t>(kLeastShare * static_cast<float>(places)), 4 * kFewest);
  Chance chance;
  std::vector<PlaneMotion> planes;
  while (planes.size() < kMostPlanes && rest.size() > fewest) {
    const Guess plane = largest_plane(rest, tolerance, chance);
    const std::size_t before = rest.size();
    const std::array<float, 8> terms = in_floats(plane.terms);
    std::erase_if(rest,
                  [&](const Pair& pair) { return miss(pair, terms) < tolerance * tolerance; });
    if (before - rest.size() < fewest) {
      break;
    }
    planes.emplace_back(plane.terms, picture);
  }
  return planes;
}

}  // namespace impasto::temporal
