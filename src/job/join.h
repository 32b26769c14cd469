#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "base/size.h"
#include "job/job_folder.h"
#include "media/verify.h"

namespace impasto::job {

/// What became of a finished job.
struct JoinReport {
  std::string output;
  media::Verification verification;
  std::vector<std::string> losses;
  std::vector<std::string> notes;
  Size size;                                                   ///< Of the painted frames.
  std::string encoder;                                         ///< "libx264 crf 18 superfast"
  std::string format;                                          ///< "yuv420p"
  std::vector<std::pair<std::size_t, std::string>> unpainted;  ///< Segments, and why.
};

/// Joins all segments of a job by copying packets, adds every other stream of the input, reads the
/// result back and compares it, and only then gives it its name. Up to `error_threshold` segments
/// that were tried and failed are shown as they are in the source. What was found is written to the
/// job as report.json. Throws Error(unavailable) when other segments are missing (it names them),
/// Error(bad_input) when the input has changed or, under
/// --strict, when anything would be lost, Error(bug) when segments do not fit together.
JoinReport join(const JobFolder& job, std::size_t error_threshold, Progress& progress);

}  // namespace impasto::job
