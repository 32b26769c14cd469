#pragma once

#include <vector>

#include "base/size.h"
#include "temporal/grid.h"
#include "temporal/guide.h"

namespace impasto::temporal {

/// How far a place of a painting leans on the one before it where the guide trusts it fully.
struct Lean {
  float still = 0;   ///< Where the source stands still.
  float moving = 0;  ///< Where it moves: less, since moving a painting blurs it.
};

/// For each pixel of one row of a picture: where it was in the picture before, in pixels from where
/// it is now, and the share that what was there has in the blend.
struct RowMotion {
  std::vector<float> dx;
  std::vector<float> dy;
  std::vector<float> share;  ///< 0..1
};

/// A guide brought to the size of the picture, row by row. The guide must outlive it.
class Motion {
 public:
  Motion(const Guide& guide, Size picture, Lean lean);

  /// Valid until the next call.
  const RowMotion& row(int y);

 private:
  const Guide& guide_;
  Lean lean_;
  int step_;
  Between columns_;
  Between rows_;
  std::vector<float> cells_;  ///< One row of the grid, between two of its own.
  RowMotion row_;
};

}  // namespace impasto::temporal
