#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/progress.h"
#include "base/task_lanes.h"
#include "job/crew.h"
#include "job/job_folder.h"
#include "job/job_log.h"

namespace impasto::job {

/// Writes down attempts at segments: the status when one begins and ends, the log when it has
/// ended; and tells the user what went wrong. The writing is done by threads of its own, since a
/// crew of many has no time to wait for a store. Throws what writing a status has thrown, if not at
/// once, then the next time.
class AttemptBook {
 public:
  AttemptBook(const JobFolder& job, const Plan& plan, Progress& progress);

  void began(const Task& task, std::int64_t process);
  void ended(const Outcome& outcome);
  void told(const std::optional<Task>& task, const std::string& sentence);
  /// Of all that was done here, beside the attempts.
  JobLog& log() { return log_; }
  /// Writes that log and waits until all is written.
  void finish();

 private:
  [[nodiscard]] SegmentStatus status_of(const Task& task) const;
  void write(std::size_t segment, const SegmentStatus& status);
  void write(std::size_t lane, JobLog log);

  const JobFolder& job_;
  const Plan& plan_;
  Progress& progress_;
  std::string host_;
  std::string processor_;
  JobLog log_;
  std::map<std::size_t, JobLog> attempts_;  ///< By segment, those that have not ended.
  std::atomic<bool> unwritten_ = false;
  TaskLanes writes_;  ///< Last: what it does refers to the rest.
};

}  // namespace impasto::job
