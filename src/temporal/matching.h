#pragma once

#include <algorithm>
#include <vector>

#include "base/size.h"
#include "temporal/texture.h"

namespace impasto::temporal {

/// Where one place of a picture was found in another.
struct Match {
  float dx = 0;  ///< In cells of the working size, as flow.
  float dy = 0;
  bool sure = false;  ///< What is there was found here as well, and is no mere noise.
};

/// Matches of every few places of a picture.
struct Matches {
  Size picture;               ///< In cells.
  int step = 1;               ///< From one place to the next.
  Size grid;                  ///< Of places.
  std::vector<Match> places;  ///< [height, width].

  [[nodiscard]] int x_of(int column) const {
    return std::min(picture.width - 1, column * step + step / 2);
  }
  [[nodiscard]] int y_of(int row) const {
    return std::min(picture.height - 1, row * step + step / 2);
  }
};

struct MatchesBothWays {
  Matches there;
  Matches back;
};

/// Finds the places of each picture in the other by what is around them, from coarse to fine,
/// without any idea of how far they may have gone: Hu, Song and Li, "Efficient Coarse-to-Fine
/// PatchMatch for Large Displacement Optical Flow", 2016. To half a cell or so, in places to less.
/// The same each time. Throws Error(bug) for pictures of different sizes.
MatchesBothWays match(const Textures& one, const Textures& other);

}  // namespace impasto::temporal
