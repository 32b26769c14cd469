#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "job/crew.h"
#include "job/job_folder.h"

namespace impasto::job {

/// Which segments of a job a worker takes.
struct SegmentChoice {
  std::size_t first = 0;
  std::size_t last = SIZE_MAX;
  std::size_t shard = 0;  ///< Of `shards`: every so many-th segment, beginning with this.
  std::size_t shards = 1;

  [[nodiscard]] bool has(std::size_t number) const {
    return number >= first && number <= last && number % shards == shard;
  }
};

/// Parses "3-7" or "5", from 0 on. Throws Error(usage).
SegmentChoice parse_segments(const std::string& text);
/// Parses "I/N", I from 0 to N - 1. Throws Error(usage).
SegmentChoice parse_shard(const std::string& text);

/// A segment that could not be painted.
struct FailedSegment {
  std::size_t number = 0;
  ExitCode code = ExitCode::unavailable;
  std::string why;
};

/// What is missing of a job, for one crew or for many that ask by turns.
class SegmentQueue {
 public:
  /// Of the chosen segments those that are not there. `retries`: after the first attempt, however
  /// many workers have made it; `anew`: attempts made before do not count. Segments that were tried
  /// too often are written down as failed. `longest_first`: so that several crews end together.
  SegmentQueue(const JobFolder& job, const Plan& plan, const SegmentChoice& chosen, int retries,
               bool anew, bool longest_first);

  /// The next for a crew; one that it has failed at itself only where nothing else is left.
  /// Segments that somebody else has painted meanwhile are left out.
  std::optional<Task> next(int crew = 0);
  /// What became of one that was given out: it is tried again, or has failed.
  void ended(const Task& task, Outcome::Kind kind, ExitCode code, const std::string& error,
             int crew = 0);
  /// Nothing is left to be given out, and nothing that was may come back.
  [[nodiscard]] bool over() const { return waiting_.empty() && given_out_ == 0; }

  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  [[nodiscard]] std::int64_t frames() const;  ///< Of those that wait.
  [[nodiscard]] std::size_t painted() const { return painted_; }
  [[nodiscard]] std::int64_t painted_frames() const { return painted_frames_; }
  [[nodiscard]] std::size_t were_done() const { return were_done_; }
  [[nodiscard]] const std::vector<FailedSegment>& failed() const { return failed_; }

 private:
  void give_up(std::size_t segment, SegmentStatus status);
  /// Whether somebody has painted it meanwhile, as the folder's last listing says. Nobody waits
  /// for the next one.
  [[nodiscard]] bool is_there(std::size_t segment);

  const JobFolder& job_;
  const Plan& plan_;
  int retries_;
  JobContents there_;
  std::chrono::steady_clock::time_point listed_;
  std::future<JobContents> listing_;
  std::deque<Task> waiting_;
  std::map<std::size_t, int> failed_at_;  ///< By segment, the crew that failed last.
  std::size_t given_out_ = 0;
  std::size_t painted_ = 0;
  std::int64_t painted_frames_ = 0;
  std::size_t were_done_ = 0;
  std::vector<FailedSegment> failed_;
};

}  // namespace impasto::job
