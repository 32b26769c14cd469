#include "temporal/steadier.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/error.h"
#include "temporal/blend_row.h"
#include "temporal/brush.h"

namespace impasto::temporal {
namespace {  /// Of a place of a painting, this share at most is handed on from frame to frame.
constexpr float kLongest = 0.92F;

void blend(const Guide& guide, Lean lean, const Picture& previous, Picture& painted) {
  const Size size = painted.size();
  const Size expected = working_size(size, std::max(guide.size.width, guide.size.height));
  if (previous.size() != size || guide.size != expected) {
    throw Error(ExitCode::bug,
                "a painting of " + to_string(size) + " pixels cannot be steadied by one of " +
                    to_string(previous.size()) + " and a guide of " + to_string(guide.size));
  }
  Motion motion(guide, size, lean);
  Brush brush(size);
  RowBlender blender;
  for (int y = 0; y < size.height; ++y) {
    const RowMotion& row = motion.row(y);
    brush.take_painted(painted, y, row);
    blender.blend(row, y, previous, painted);
    brush.take_blended(painted, y, row);
  }
  brush.restore(painted, kLongest);
}

}  // namespace

Lean lean_at(double level) {
  const double bounded = std::clamp(level, 0.0, kSteadiest);
  return {static_cast<float>(bounded / (bounded + 1)), static_cast<float>(bounded / (bounded + 4))};
}

GuideOptions guide_options_at(double level) {
  constexpr double kMiddle = 5;
  return level <= kMiddle
             ? GuideOptions{480, FlowEffort::quick, FlowEffort::glance}
             : GuideOptions{1024, FlowEffort::careful, FlowEffort::careful, 1.7F, true};
}

int warm_up_frames(double level) {
  constexpr double kTolerance = 1.5 / 255;
  const double still = lean_at(level).still;
  return still <= 0
             ? 0
             : static_cast<int>(std::ceil(std::log(kTolerance / kFarthest) / std::log(still)));
}

std::shared_ptr<const Picture> Steadier::next(const Guide* guide, Picture painted) {
  if (guide != nullptr && previous_ != nullptr && lean_.still > 0) {
    blend(*guide, lean_, *previous_, painted);
  }
  previous_ = std::make_shared<const Picture>(std::move(painted));
  return previous_;
}

}  // namespace impasto::temporal
