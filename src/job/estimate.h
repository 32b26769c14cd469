#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/progress.h"
#include "job/job_folder.h"

namespace impasto::job {

/// What painting a job will take, as far as can be told beforehand.
struct Estimate {
  std::size_t segments = 0;      ///< That are missing.
  std::int64_t frames = 0;       ///< In them.
  double segment_bytes = 0;      ///< That they will come to.
  double output_bytes = 0;       ///< Of the painted film, with its other streams.
  double seconds = 0;            ///< For one worker that is like this machine.
  double frames_per_second = 0;  ///< Measured.
};

/// Paints a few frames out of the middle of the film, in a process of its own, and works out the
/// rest from how long they took and how large they came out. Nothing, and a note with the reason,
/// where that cannot be done: it is for the painting itself to fail over.
std::optional<Estimate> estimate(const JobFolder& job, const Plan& plan, int threads,
                                 Progress& progress);

/// "about 1.2 GB of segments and 1.3 GB of film, 2:05:10 by one worker at 24.1 frames/s".
std::string to_string(const Estimate& estimate);

/// Whether there is room for the segments and the film. Throws Error(unavailable) where there is
/// not, saying what is needed, what is there, and where.
void check_room(const Estimate& estimate, const JobFolder& job, const Plan& plan);

}  // namespace impasto::job
