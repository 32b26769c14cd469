#include "job/attempt_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "job/machine.h"

namespace impasto::job {
namespace {

constexpr std::size_t kWriters = 16;  // they wait more than they compute

}  // namespace

AttemptBook::AttemptBook(const JobFolder& job, const Plan& plan, Progress& progress)
    : job_(job),
      plan_(plan),
      progress_(progress),
      host_(host_name()),
      processor_(processor().name),
      log_(job, "work"),
      writes_(kWriters) {}

SegmentStatus AttemptBook::status_of(const Task& task) const {
  SegmentStatus status;
  status.key = plan_.segments.at(task.segment).key;
  status.attempt = task.attempt;
  status.forgiven = task.forgiven;
  status.host = host_;
  status.processor = processor_;
  return status;
}

void AttemptBook::began(const Task& task, std::int64_t process) {
  attempts_.erase(task.segment);
  JobLog& log =
      attempts_.emplace(task.segment, JobLog(job_, task.segment, task.attempt)).first->second;
  log.info(fmt::format("process {} begins to paint {} frames", process, task.frames));
  SegmentStatus status = status_of(task);
  status.state = "painting";
  status.began = time_stamp();
  status.process = process;
  write(task.segment, status);
}

void AttemptBook::ended(const Outcome& outcome) {
  const Task& task = outcome.task;
  SegmentStatus status = status_of(task);
  status.began = outcome.began;
  status.process = outcome.process;
  status.painter = outcome.painter;
  status.work = outcome.work;
  status.frames = outcome.frames;
  status.seconds = outcome.seconds;
  status.peak_memory = outcome.peak_memory;
  const auto log = attempts_.find(task.segment);
  switch (outcome.kind) {
    case Outcome::Kind::done:
      status.state = "done";
      if (log != attempts_.end()) {
        constexpr double kMegabyte = 1e6;
        log->second.info(fmt::format(
            "{} frames are painted and kept: {:.2f} s, {:.1f} frames/s, {:.0f} MB of memory",
            outcome.frames, outcome.seconds,
            static_cast<double>(outcome.frames) / std::max(outcome.seconds, 1e-3),
            static_cast<double>(outcome.peak_memory) / kMegabyte));
      }
      break;
    case Outcome::Kind::stopped:
      status.state = "stopped";
      ++status.forgiven;
      if (log != attempts_.end()) {
        log->second.info(fmt::format("dropped on request, with {} of {} frames painted",
                                     outcome.frames, task.frames));
      }
      break;
    case Outcome::Kind::failed:
      status.state = task.last ? "failed" : "new";
      status.error = outcome.error;
      if (log != attempts_.end()) {
        log->second.error(outcome.error);
      }
      progress_.note(fmt::format("segment {}, attempt {}: {}{}", task.segment, task.attempt,
                                 outcome.error, task.last ? "" : "; it is tried again"));
  }
  if (log != attempts_.end()) {
    write(task.segment, std::move(log->second));
    attempts_.erase(log);
  }
  write(task.segment, status);
}

void AttemptBook::told(const std::optional<Task>& task, const std::string& sentence) {
  const auto log = task ? attempts_.find(task->segment) : attempts_.end();
  (log == attempts_.end() ? log_ : log->second).warning(sentence);
  progress_.note(sentence);
}

void AttemptBook::finish() {
  write(0, log_);
  writes_.finish();
}

void AttemptBook::write(std::size_t segment, const SegmentStatus& status) {
  writes_.add(segment, [this, segment, status] { job_.write_status(segment, status); });
}

void AttemptBook::write(std::size_t lane, JobLog log) {
  writes_.add(lane, [this, log = std::move(log)] {
    if (const auto reason = log.write(); reason && !unwritten_.exchange(true)) {  // once is enough
      progress_.note("warning: the log is not kept: " + *reason);
    }
  });
}

}  // namespace impasto::job
