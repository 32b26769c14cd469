#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/progress.h"
#include "base/size.h"
#include "engine/painter.h"
#include "job/job_folder.h"

namespace impasto::job {

/// Which segments of a job a worker takes.
struct SegmentChoice {
  std::size_t first = 0;
  std::size_t last = SIZE_MAX;
  std::size_t shard = 0;  ///< Of `shards`: every so many-th segment, beginning with this.
  std::size_t shards = 1;
};

/// Parses "3-7" or "5", from 0 on. Throws Error(usage).
SegmentChoice parse_segments(const std::string& text);
/// Parses "I/N", I from 0 to N - 1. Throws Error(usage).
SegmentChoice parse_shard(const std::string& text);

struct WorkOptions {
  SegmentChoice segments;
  std::string title;  ///< What progress calls the work; empty: the job's URI.
  int retries = 2;    ///< After the first attempt, however many workers have made it.
  bool anew = false;  ///< Attempts made before do not count.
  int threads = 0;
};

/// A segment that could not be painted.
struct FailedSegment {
  std::size_t number = 0;
  ExitCode code = ExitCode::unavailable;
  std::string why;
};

struct WorkReport {
  std::size_t painted = 0;
  std::size_t were_done = 0;
  std::vector<FailedSegment> failed;
  engine::PainterInfo painter;
  Size work;  ///< That the network worked at.
};

/// Paints what is missing of the chosen segments. A segment that fails is tried again, `retries`
/// times, and left out then. An interrupt drops the segment that is being painted and throws
/// Error(interrupted). Throws like SegmentWorker.
WorkReport work(const JobFolder& job, const WorkOptions& options, Progress& progress);

}  // namespace impasto::job
