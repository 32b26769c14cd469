#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "job/film_calibration.h"
#include "job/paint_options.h"
#include "job/planned_input.h"
#include "job/style_schedule.h"
#include "media/av.h"

namespace impasto::job {

/// A run of consecutive frames that is painted and encoded by itself.
struct Segment {
  std::int64_t from = 0;     ///< The pts of its first frame ...
  std::int64_t until = 0;    ///< ... and that of the next segment's, or the film's end.
  std::int64_t frames = 0;   ///< That it holds.
  std::int64_t warm_up = 0;  ///< The pts of the frame that steadying begins at; at most `from`.
  std::int64_t seek = 0;     ///< The pts of the frame that decoding begins at; at most `warm_up`.
  std::string key;           ///< As segment_keys() gives it.

  friend bool operator==(const Segment&, const Segment&) = default;
};

/// The style, which lies in the job itself (kStyleFile).
struct PlannedStyle {
  std::string name;
  std::string title;
  std::string sha256;
  std::vector<CodeKey> keys;  ///< Of styles over time; empty: one throughout.
};

/// Everything that decides the result of a job, made once, before any worker begins: whoever paints
/// a segment by it paints the same bytes. Kept as plan.json (docs/plan.schema.json).
struct Plan {
  std::string program;  ///< "impasto 0.1.0"; another version makes a plan of its own.
  PlannedInput input;
  std::string output;
  std::string data;  ///< The folder that segments go to; empty: the job's own.
  PlannedStyle style;
  PaintOptions options;  ///< Without `style` and `style_keys`; the encoder's threads are settled.
  AVRational time_base{};
  std::vector<std::int64_t> times;  ///< The pts of every frame.
  /// Whoever does not paint reads a plan without the stretches, which are most of it.
  FilmCalibration film;
  std::string calibration;    ///< The object of the job that holds them; empty: painted live.
  std::size_t stretches = 0;  ///< How many it holds.
  std::vector<Segment> segments;
  /// Of frames that are shown for longer or shorter than to the next frame's time: pts, duration.
  std::vector<std::pair<std::int64_t, std::int64_t>> durations;
  std::vector<std::string> damage;  ///< What was wrong with the input, as damage_of() says it.
};

/// As JSON, without the calibrations of stretches, and back. Throws Error(bad_input) for a text
/// that is no plan, or one of another version.
std::string to_json(const Plan& plan);
Plan plan_from_json(const std::string& text);

/// Whether both were made for the same input, output, data folder, style and options; whether the
/// output may be replaced, and how strict to be, does not count.
bool same_request(const Plan& one, const Plan& other);

/// What the bytes of each segment depend on, as 16 letters: the input, the style, the options that
/// change pictures or encoding, the calibration and the segment itself.
std::vector<std::string> segment_keys(const Plan& plan);

/// The frames of a film, as segments are cut by them.
struct FilmFrames {
  std::vector<std::int64_t> times;  ///< The pts of each, at least one.
  std::vector<std::int64_t> keys;   ///< Of those, where decoding can begin.
  std::vector<std::int64_t> cuts;   ///< Of those, where shots begin, but for the first.
  std::int64_t until = 0;           ///< The pts after the last.
  std::int64_t second = 1;          ///< In their time base.
  bool interlaced = false;          ///< Frames are made of their neighbours, too.
};

/// Cuts a film into segments of 4 to 10 seconds, or a little more: at its cuts where it can be, and
/// else evenly, near key frames. Where one begins within a shot, steadying starts up to `warm_up`
/// frames of the shot before it.
std::vector<Segment> segments_of(const FilmFrames& film, int warm_up);

/// How long each frame of a segment is shown, in the order of showing.
std::vector<std::pair<std::int64_t, std::int64_t>> durations_in(const Plan& plan,
                                                                const Segment& segment);

}  // namespace impasto::job
