#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "job/crew_options.h"
#include "job/frame_finisher.h"
#include "job/style_request.h"
#include "media/encoder.h"
#include "media/reader.h"

namespace impasto::job {

/// What `impasto paint` is asked for, apart from inputs and outputs.
struct PaintOptions {
  std::string style;                 ///< As Atelier::style takes it.
  std::vector<StyleKey> style_keys;  ///< Styles over time, in place of `style`.
  StyleFade style_fade;
  std::string size;  ///< "WxH", "720p" or empty for the input's own.
  Mix mix;
  media::EncodeOptions encode;
  std::string device = "cpu";
  std::string precision = "auto";
  bool live_norm = false;              ///< Every frame by its own statistics, not by its shot's.
  double stability = 0;                ///< 0: frame by frame, to temporal::kSteadiest.
  std::optional<double> stroke = 1.0;  ///< As work_size() takes it.
  std::string tile = "auto";           ///< "auto", "off", or the side of a tile in pixels.
  int threads = 0;
  std::optional<media::Seconds> start;
  std::optional<media::Seconds> duration;
  std::string preview;              ///< URI of a contact sheet; empty: none.
  bool fresh = false;               ///< Forget what an earlier run has painted.
  int retries = 1;                  ///< Of a segment that fails.
  std::size_t error_threshold = 0;  ///< So many segments may fail; they are shown unpainted.
  CrewOptions crew;                 ///< Who paints segments; `threads` is that above.
  bool overwrite = false;
  bool strict = false;  ///< Refuse where anything would be lost.
};

}  // namespace impasto::job
