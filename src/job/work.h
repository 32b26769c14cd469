#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/size.h"
#include "engine/painter.h"
#include "job/crew.h"
#include "job/job_folder.h"
#include "job/segment_queue.h"

namespace impasto::job {

struct WorkOptions {
  SegmentChoice segments;
  std::string title;  ///< What progress calls the work; empty: the job's URI.
  int retries = 2;    ///< After the first attempt, however many workers have made it.
  bool anew = false;  ///< Attempts made before do not count.
  CrewOptions crew;
};

struct WorkReport {
  std::size_t painted = 0;
  std::size_t were_done = 0;
  std::vector<FailedSegment> failed;
  engine::PainterInfo painter;  ///< Empty where nothing was left to paint.
  Size work;                    ///< That the network worked at.
};

/// Paints what is missing of the chosen segments, in processes of their own. A segment that fails
/// is tried again, `retries` times, and left out then. Throws like run_crew() and
/// JobFolder::read_plan().
WorkReport work(const JobFolder& job, const WorkOptions& options, Progress& progress);

/// Segments that failed count as new again; gives how many those are.
std::size_t retry(const JobFolder& job, const SegmentChoice& chosen);

}  // namespace impasto::job
