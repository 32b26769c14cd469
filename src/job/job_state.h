#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "job/job_folder.h"

namespace impasto::job {

/// How far a job is.
struct JobState {
  std::string input;
  std::string output;
  std::size_t segments = 0;
  std::size_t done = 0;
  std::size_t painting = 0;  ///< Begun and not ended: by a worker that works, or one that died.
  std::size_t again = 0;     ///< Tried, and to be tried again.
  std::int64_t frames = 0;
  std::int64_t frames_done = 0;
  double worker_seconds = 0;  ///< Of the segments that are done.
  std::vector<std::pair<std::size_t, SegmentStatus>> failed;
  bool finished = false;  ///< The result has its name.
};

/// Throws like JobFolder::read_plan().
JobState state_of(const JobFolder& job);

/// As JSON, and as a few lines for people.
std::string to_json(const JobState& state);
std::string summary(const JobState& state);

}  // namespace impasto::job
