#pragma once

#include <cstdint>
#include <vector>

#include "base/picture.h"
#include "temporal/motion.h"

namespace impasto::temporal {

/// A change of this size, of a painting's values 0..1, is followed at least: what was there before
/// counts as no farther from the new value than that. So ghosts and what is forgotten are bounded.
constexpr float kFarthest = 0.4F;

/// Blends rows of a painting with the places of the one before that their motion names. Whole
/// pixels are taken as they are; places between them by Keys' cubic, which blurs far less than
/// bilinear when it is done again for every frame (Keys, "Cubic Convolution Interpolation for
/// Digital Image Processing", 1981; with a slope of -3/4, as sharp as it gets). Keeps its buffers
/// between rows.
class RowBlender {
 public:
  /// Row `y` of `painted`; `previous` has the same size.
  void blend(const RowMotion& motion, int y, const Picture& previous, Picture& painted);

 private:
  void find_places(const RowMotion& motion, int y, Size size);

  std::vector<int> left_;  ///< The pixel on the upper left of where each was: column ...
  std::vector<int> top_;   ///< ... and line.
  std::vector<float> right_share_;
  std::vector<float> lower_share_;
  std::vector<std::uint64_t> runs_;  ///< The same for pixels that can be blended together.
};

}  // namespace impasto::temporal
