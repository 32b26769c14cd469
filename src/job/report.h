#pragma once

#include <string>
#include <vector>

#include "base/size.h"
#include "engine/painter.h"
#include "engine/precision.h"
#include "media/reader.h"
#include "media/verify.h"

namespace impasto::job {

/// What was done to one file, and what was checked.
struct PaintReport {
  std::string input;
  std::string output;
  std::string style;
  std::string style_sha256;
  media::VideoInfo video;
  media::ReadCounts counts;
  media::Verification verification;
  std::int64_t kept = 0;  ///< Frames that an earlier run had painted.
  bool still = false;     ///< The output is one picture.
  Size work;              ///< That the network worked at.
  Size size;              ///< Of the painted frames.
  std::string encoder;    ///< "libx264 crf 18 superfast"
  std::string format;     ///< "yuv420p"
  engine::PainterInfo painter;
  engine::PrecisionChoice precision;  ///< Of a calibrated film.
  std::size_t stretches = 0;          ///< Of film that were calibrated each; 0: none.
  double seconds = 0;                 ///< Wall time.
  double seconds_to_paint = 0;        ///< Of it, until the first frame could be painted.
  std::vector<std::string> losses;    ///< What the container could not hold.
  std::vector<std::string> notes;
  std::vector<std::string> warnings;  ///< Damage in the input, problems in the output.
};

/// Of the frames that this run has painted, over all of its time.
double frames_per_second(const PaintReport& report);

/// The report as JSON text, several lines; the schema is in docs/user-guide.md.
std::string to_json(const std::vector<PaintReport>& reports);

/// One line for people: frames, time, speed, where.
std::string summary(const PaintReport& report);

}  // namespace impasto::job
