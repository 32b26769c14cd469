#include "temporal/grid.h"

#include <algorithm>

#include "base/vectorised.h"

namespace impasto::temporal {
namespace {

IMPASTO_VECTORISED void mix(const float* upper, const float* lower, float share, float scale,
                            std::size_t count, float* into) {
  for (std::size_t x = 0; x < count; ++x) {
    into[x] = scale * (upper[x] + share * (lower[x] - upper[x]));
  }
}

IMPASTO_VECTORISED void pick(const float* cells, const int* first, const int* second,
                             const float* share, std::size_t count, float* into) {
  for (std::size_t x = 0; x < count; ++x) {
    const float left = cells[first[x]];
    into[x] = left + share[x] * (cells[second[x]] - left);
  }
}

}  // namespace

Between cells_along(int places, int cells, int step) {
  Between between;
  const auto last = static_cast<float>(cells - 1);
  for (int place = 0; place < places; ++place) {
    const float middle = static_cast<float>(place) + 0.5F;
    const float at = std::clamp(middle / static_cast<float>(step) - 0.5F, 0.0F, last);
    const int first = static_cast<int>(at);
    between.first.push_back(first);
    between.second.push_back(std::min(first + 1, cells - 1));
    between.share.push_back(at - static_cast<float>(first));
  }
  return between;
}

void row_between(const std::vector<float>& plane, const Between& rows, int y, float scale,
                 std::vector<float>& into) {
  const auto row = static_cast<std::size_t>(y);
  const float* upper = plane.data() + static_cast<std::size_t>(rows.first[row]) * into.size();
  const float* lower = plane.data() + static_cast<std::size_t>(rows.second[row]) * into.size();
  mix(upper, lower, rows.share[row], scale, into.size(), into.data());
}

void widen(const std::vector<float>& cells, const Between& columns, std::vector<float>& into) {
  pick(cells.data(), columns.first.data(), columns.second.data(), columns.share.data(), into.size(),
       into.data());
}

}  // namespace impasto::temporal
