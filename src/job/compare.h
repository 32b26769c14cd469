#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/size.h"
#include "media/encoder.h"
#include "media/reader.h"

namespace impasto::job {

/// What `impasto compare` is asked for, apart from inputs and output.
struct CompareOptions {
  /// Where a line parts one picture, 0 (left edge) to 1; none: both whole, side by side.
  std::optional<double> split;
  bool labelled = true;
  std::array<std::string, 2> labels;  ///< Empty: the files' names.
  std::optional<media::Seconds> at;   ///< The moment to show, for an output that is a picture.
  media::EncodeOptions encode;
  bool overwrite = false;
};

struct CompareResult {
  Size size;
  std::int64_t frames = 0;
  std::vector<std::string> notes;  ///< Sentences: what ended first; what is not as it was.
  double seconds = 0;              ///< Wall clock.
};

/// Shows two videos, or pictures, as one: each frame of the first with the frame of the second that
/// is shown at its time, both counted from their first frames. Where the second goes on after the
/// first has ended, its own times go on; the one that ends first holds its last frame. Sound and
/// all other streams are those of the first. An output that ends in .png or .jpg is one moment.
/// `output` appears whole or not at all, after what was written has been read back. Throws Error
/// like media::Reader, media::plan_output and the store; Error(interrupted) when told to stop.
CompareResult compare(const std::string& first, const std::string& second,
                      const std::string& output, const CompareOptions& options, Progress& progress);

}  // namespace impasto::job
