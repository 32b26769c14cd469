#pragma once

#include <cstddef>
#include <vector>

namespace impasto::temporal {

/// For each place along an axis of a picture: the two cells of a grid that it stands between, and
/// the share of the second.
struct Between {
  std::vector<int> first;
  std::vector<int> second;
  std::vector<float> share;
};

/// A grid of `cells` along an axis of `places` pixels, each for `step` of them; beyond the
/// outermost cells' middles these alone count.
Between cells_along(int places, int cells, int step);

/// One row of a plane of cells, between the two of its own that `rows` names for line `y` of the
/// picture, times `scale`. `into` is as long as the plane is wide.
void row_between(const std::vector<float>& plane, const Between& rows, int y, float scale,
                 std::vector<float>& into);

/// A row of cells brought to the width of the picture, which `into` has.
void widen(const std::vector<float>& cells, const Between& columns, std::vector<float>& into);

}  // namespace impasto::temporal
