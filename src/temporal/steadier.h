#pragma once

#include <memory>

#include "base/picture.h"
#include "temporal/guide.h"
#include "temporal/motion.h"

namespace impasto::temporal {

/// Levels of steadiness, 0 (off) to kSteadiest. A level is about the number of past frames that a
/// painting leans on where nothing moves.
constexpr double kSteadiest = 10;
constexpr double kSteadyLow = 3;
constexpr double kSteadyHigh = 8;

/// `level` outside 0..kSteadiest is taken as the nearer end.
Lean lean_at(double level);

/// How much work guides are worth at a level: up to the middle so little that painting goes on at
/// nearly its own speed.
GuideOptions guide_options_at(double level);

/// After so many frames of a shot it hardly matters what was painted before them: a segment that
/// begins so many frames early gives the same pictures, 99.9 % of their values within 2/255 and all
/// of them within 0.1/255 on average. 0 for level 0.
int warm_up_frames(double level);

/// Blends each painted frame with the one before it, moved along the flow of the source.
/// Frames are given in their order. Not thread-safe.
class Steadier {
 public:
  explicit Steadier(double level) : lean_(lean_at(level)) {}

  /// `painted` steadied, in its own memory; the margin of its canvas is left as it was. `guide`
  /// leads from this frame to the one given before; none at the first frame and at cuts, where
  /// nothing is blended. What is returned is what the next frame leans on, and never changed.
  /// Throws Error(bug) where sizes do not match.
  std::shared_ptr<const Picture> next(const Guide* guide, Picture painted);

 private:
  Lean lean_;
  std::shared_ptr<const Picture> previous_;
};

}  // namespace impasto::temporal
