#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "base/size.h"

namespace impasto::job {

/// What `impasto preview` is asked for, apart from input and output.
struct PreviewOptions {
  std::vector<std::string> styles;  ///< As Atelier::style takes them; empty: all there are.
  int moments = 4;                  ///< 1 to kMostMoments.
  std::string
      size;  ///< To paint at, as `parse_size` takes it; empty: about as many pixels as 360p.
  std::string device = "cpu";
  std::string precision = "auto";
  int threads = 0;
  bool overwrite = false;
};

constexpr int kMostMoments = 24;

struct PreviewResult {
  std::size_t moments = 0;
  std::size_t styles = 0;
  Size painted;  ///< Size that was painted at.
  Size sheet;
  double seconds = 0;  ///< All of it, wall clock.
};

/// Writes a sheet of a few moments of a clip, or of a picture, as they are and in each style.
/// What can be refused is refused before anything is painted. Throws Error with the exit code that
/// fits: like style::find, media::Reader, parse_size, engine::make_painter, media::check_sheet_name
/// and store::write_all.
PreviewResult preview(const std::string& clip, const std::string& output,
                      const PreviewOptions& options, Progress& progress);

}  // namespace impasto::job
