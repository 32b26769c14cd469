#pragma once

#include <cstddef>
#include <vector>

#include "base/picture.h"
#include "base/size.h"
#include "temporal/motion.h"

namespace impasto::temporal {

/// Gives a blend the fine contrast of the painting back. Where strokes slide, a mean of two frames
/// shows half of both, and moving a picture by parts of a pixel blurs it; so the steepness of
/// brightness is summed up before and after the blend, over blocks of the picture, and what the
/// blend lost is put back by amplifying its finest detail. Strokes thereby stay for longer instead
/// of fading into each other. For one picture.
class Brush {
 public:
  explicit Brush(Size picture);

  /// Take each row, from the top, before and after it is blended.
  void take_painted(const Picture& picture, int y, const RowMotion& motion);
  void take_blended(const Picture& picture, int y, const RowMotion& motion);

  /// Amplifies what the blend has lost, but not so far that the past, having its share of the
  /// blend, has more than `longest` of it thereafter: nothing is to stay forever.
  void restore(Picture& blended, float longest);

 private:
  /// What is summed up of a row of the picture: luma's squared slope, times the past's share.
  struct Steepness {
    std::vector<float> luma;
    std::vector<float> luma_above;
    std::vector<float> columns;  ///< Sums since the last row of blocks.
    std::vector<double> blocks;
  };

  void take(Steepness& steepness, const Picture& picture, int y, const RowMotion& motion);
  void sum_up_blocks(std::vector<float>& columns, std::vector<double>& blocks, int y) const;
  [[nodiscard]] std::vector<float> gains(float longest) const;

  Size picture_;
  Size grid_;
  Steepness painted_;
  Steepness blended_;
  std::vector<float> share_columns_;
  std::vector<double> shares_;
};

}  // namespace impasto::temporal
