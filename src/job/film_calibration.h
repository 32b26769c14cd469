#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/calibration.h"
#include "engine/precision.h"

namespace impasto::job {

/// Frames that are painted by one calibration.
struct Stretch {
  std::int64_t from = 0;  ///< The pts of its first frame.
  /// Around `from` the stretch before turns into this one for so long, in the video's time base;
  /// 0 at a hard cut.
  std::int64_t fade = 0;
  std::shared_ptr<const engine::Calibration> calibration;
};

/// What all frames of a film are painted by, measured beforehand: part of the plan of a job, so
/// that every worker paints by the same numbers.
struct FilmCalibration {
  engine::PrecisionChoice precision;
  std::vector<Stretch> stretches;  ///< In their order; the first holds whatever comes before it.
  std::vector<std::int64_t>
      cuts;  ///< The pts of each shot's first frame, but for the first shot's.
};

/// What a frame is painted by: one stretch, or two, of which the later has the weight 0 to 1.
struct Blend {
  std::size_t stretch = 0;
  double later = 0;  ///< Of stretch + 1.
};
Blend blend_at(const FilmCalibration& film, std::int64_t pts);

/// How far (engine::distance) frames of one stretch may lie from what they have in common. At 0.06
/// the painting differs from that by each frame's own statistics by 30 dB of PSNR, steadily; two
/// stretches so far apart turn into each other within a second unseen.
constexpr double kAlike = 0.06;

/// Turns what was seen of the frames of one shot into stretches: one as long as they are alike,
/// else as many as keep each near its own, every one turning into the next in a second at most.
/// Dark frames of a fade are painted as the others are. `seen`: pts and statistics, in order, at
/// least one; `from` and `until`: pts of the shot's first frame and of the next shot's; `second`:
/// one second in the video's time base.
std::vector<Stretch> stretches_of(
    const std::vector<std::pair<std::int64_t, engine::Calibration>>& seen, std::int64_t from,
    std::int64_t until, std::int64_t second);

/// As JSON (docs/user-guide.md has the schema) and back. Throws Error(bad_input) for a text that is
/// none.
std::string to_json(const FilmCalibration& film);
FilmCalibration film_calibration_from_json(const std::string& text);

/// The stretches alone, one a line, and back: those of a long film are many, and nobody needs a
/// tree of all of them at once. Throws Error(bad_input) for a text that is none.
std::string to_lines(const std::vector<Stretch>& stretches);
std::vector<Stretch> stretches_from_lines(const std::string& text);

}  // namespace impasto::job
