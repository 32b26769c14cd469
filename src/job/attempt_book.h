#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/progress.h"
#include "job/crew.h"
#include "job/job_folder.h"
#include "job/job_log.h"

namespace impasto::job {

/// Writes down attempts at segments: the status when one begins and ends, the log when it has
/// ended; and tells the user what went wrong.
class AttemptBook {
 public:
  AttemptBook(const JobFolder& job, const Plan& plan, Progress& progress);

  void began(const Task& task, std::int64_t process);
  void ended(const Outcome& outcome);
  void told(const std::optional<Task>& task, const std::string& sentence);
  /// Of all that was done here, beside the attempts.
  JobLog& log() { return log_; }
  void write_log() { note_unwritten(log_); }

 private:
  [[nodiscard]] SegmentStatus status_of(const Task& task) const;
  void note_unwritten(const JobLog& log);

  const JobFolder& job_;
  const Plan& plan_;
  Progress& progress_;
  std::string host_;
  std::string processor_;
  JobLog log_;
  std::map<std::size_t, JobLog> attempts_;  ///< By segment, those that have not ended.
  bool unwritten_ = false;
};

}  // namespace impasto::job
