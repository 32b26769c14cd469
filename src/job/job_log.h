#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "job/job_folder.h"

namespace impasto::job {

/// Collects what happens to a job as lines of JSON: `time`, `level` (info, warning, error), `job`,
/// `segment` and `attempt` where it is about one, `host`, `process` and `what`, a sentence. It is
/// written as one object, at the end, since object stores cannot append.
class JobLog {
 public:
  /// What belongs to a segment's attempt goes to logs/NNNN-ATTEMPT.jsonl.
  JobLog(JobFolder job, std::size_t segment, int attempt);
  /// All else to logs/TASK-TIME-HOST-PROCESS.jsonl.
  JobLog(JobFolder job, const std::string& task);

  void info(const std::string& what) { add("info", what); }
  void warning(const std::string& what) { add("warning", what); }
  void error(const std::string& what) { add("error", what); }
  /// Writes all lines. A job does not fail over its log: gives the reason where that cannot be
  /// done.
  std::optional<std::string> write() const;

 private:
  void add(const char* level, const std::string& what);

  JobFolder job_;
  std::string name_;
  std::optional<std::size_t> segment_;
  int attempt_ = 0;
  std::string host_;
  std::string lines_;
};

/// Now, as "2026-11-27T12:00:00.000Z".
std::string time_stamp();

}  // namespace impasto::job
