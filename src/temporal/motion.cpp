#include "temporal/motion.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/vectorised.h"

namespace impasto::temporal {
namespace {

/// Motion by a quarter of a pixel blurs as much as any other.
constexpr float kMoves = 4;  // times a pixel

IMPASTO_VECTORISED void multiply_by_lean(const float* dx, const float* dy, float still,
                                         float moving, std::size_t count, float* share) {
  for (std::size_t x = 0; x < count; ++x) {
    const float motion = std::max(std::abs(dx[x]), std::abs(dy[x]));
    share[x] *= still + (moving - still) * std::min(1.0F, kMoves * motion);
  }
}

}  // namespace

Motion::Motion(const Guide& guide, Size picture, Lean lean)
    : guide_(guide),
      lean_(lean),
      step_(step_between(picture, guide.size)),
      columns_(cells_along(picture.width, guide.size.width, step_)),
      rows_(cells_along(picture.height, guide.size.height, step_)),
      cells_(static_cast<std::size_t>(guide.size.width)) {
  const auto width = static_cast<std::size_t>(picture.width);
  row_ = {std::vector<float>(width), std::vector<float>(width), std::vector<float>(width)};
}

const RowMotion& Motion::row(int y) {
  const auto scale = static_cast<float>(step_);
  row_between(guide_.dx, rows_, y, scale, cells_);
  widen(cells_, columns_, row_.dx);
  row_between(guide_.dy, rows_, y, scale, cells_);
  widen(cells_, columns_, row_.dy);
  row_between(guide_.trust, rows_, y, 1, cells_);
  widen(cells_, columns_, row_.share);
  multiply_by_lean(row_.dx.data(), row_.dy.data(), lean_.still, lean_.moving, row_.share.size(),
                   row_.share.data());
  return row_;
}

}  // namespace impasto::temporal
