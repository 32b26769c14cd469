#pragma once

#include <string>

#include "base/progress.h"
#include "job/job_folder.h"
#include "job/paint_options.h"

namespace impasto::job {

/// Plans a video's painting: reads it once, finds shots and segments, calibrates, and puts the plan
/// and the style into `job`; whatever can be refused is refused here. What the output cannot hold
/// is noted on `progress`. A plan that is there for the same request is taken as it is; another is
/// replaced, and segments that it has in common with the new one, by their keys, stay done.
/// `data`: where segments go, in a folder of the job's own; empty: into the job.
/// Throws like PaintSession::paint().
Plan make_plan(const std::string& input, const std::string& output, const PaintOptions& options,
               const JobFolder& job, const std::string& data, Progress& progress);

}  // namespace impasto::job
