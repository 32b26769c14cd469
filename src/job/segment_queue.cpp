#include "job/segment_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace impasto::job {
namespace {

std::size_t number_of(std::string_view text, const std::string& whole, const char* what) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) {
    throw Error(ExitCode::usage, fmt::format("'{}' is not {}", whole, what));
  }
  return number;
}

}  // namespace

SegmentChoice parse_segments(const std::string& text) {
  constexpr const char* kWhat = "a range of segments; write 5 or 3-7";
  const std::size_t dash = text.find('-');
  const std::string_view all(text);
  SegmentChoice chosen;
  chosen.first = number_of(all.substr(0, dash), text, kWhat);
  chosen.last =
      dash == std::string::npos ? chosen.first : number_of(all.substr(dash + 1), text, kWhat);
  if (chosen.last < chosen.first) {
    throw Error(ExitCode::usage, fmt::format("'{}' is not {}", text, kWhat));
  }
  return chosen;
}

SegmentChoice parse_shard(const std::string& text) {
  constexpr const char* kWhat = "a shard; write I/N with I from 0 to N - 1";
  const std::size_t slash = text.find('/');
  const std::string_view all(text);
  SegmentChoice chosen;
  chosen.shard = number_of(all.substr(0, slash), text, kWhat);
  chosen.shards = slash == std::string::npos ? 0 : number_of(all.substr(slash + 1), text, kWhat);
  if (chosen.shard >= chosen.shards) {
    throw Error(ExitCode::usage, fmt::format("'{}' is not {}", text, kWhat));
  }
  return chosen;
}

SegmentQueue::SegmentQueue(const JobFolder& job, const Plan& plan, const SegmentChoice& chosen,
                           int retries, bool anew, bool longest_first)
    : job_(job),
      plan_(plan),
      retries_(retries),
      there_(job.contents(plan)),
      listed_(std::chrono::steady_clock::now()) {
  std::vector<std::size_t> tried;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    if (!chosen.has(i)) {
      continue;
    }
    if (there_.painted[i]) {
      ++were_done_;
      continue;
    }
    Task task;
    task.segment = i;
    task.frames = plan.segments[i].frames;
    waiting_.push_back(task);
    if (there_.tried[i]) {
      tried.push_back(i);
    }
  }
  const std::vector<std::optional<SegmentStatus>> statuses = job.read_statuses(plan, tried);
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (!statuses[i]) {
      continue;
    }
    const SegmentStatus& status = *statuses[i];
    const auto task = std::lower_bound(
        waiting_.begin(), waiting_.end(), tried[i],
        [](const Task& one, std::size_t segment) { return one.segment < segment; });
    // An attempt that never ended was that of a worker that died, with all its processes.
    task->attempt = status.attempt + 1;
    task->forgiven = anew ? status.attempt : status.forgiven;
    if (task->counted() > retries + 1) {
      waiting_.erase(task);
      give_up(tried[i], status);
    }
  }
  if (longest_first) {
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const Task& one, const Task& other) { return one.frames > other.frames; });
  }
}

void SegmentQueue::give_up(std::size_t segment, SegmentStatus status) {
  if (status.error.empty()) {
    status.error = "every worker that tried died over it; its frames may take too much memory";
  }
  if (status.state != "failed") {
    status.state = "failed";
    status.key = plan_.segments[segment].key;
    job_.write_status(segment, status);
  }
  failed_.push_back({segment, ExitCode::unavailable, status.error});
}

std::optional<Task> SegmentQueue::next(int crew) {
  while (!waiting_.empty()) {
    const auto others = std::find_if(waiting_.begin(), waiting_.end(), [&](const Task& task) {
      const auto failed = failed_at_.find(task.segment);
      return failed == failed_at_.end() || failed->second != crew;
    });
    const auto chosen = others == waiting_.end() ? waiting_.begin() : others;
    Task task = *chosen;
    waiting_.erase(chosen);
    if (is_there(task.segment)) {
      ++were_done_;
      continue;
    }
    task.last = task.counted() > retries_;
    ++given_out_;
    return task;
  }
  return std::nullopt;
}

bool SegmentQueue::is_there(std::size_t segment) {
  constexpr std::chrono::seconds kEvery{10};
  if (listing_.valid()) {
    if (listing_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
      there_ = listing_.get();
      listed_ = std::chrono::steady_clock::now();
    }
  } else if (std::chrono::steady_clock::now() - listed_ > kEvery) {
    listing_ = std::async(std::launch::async, [this] { return job_.contents(plan_); });
  }
  return there_.painted[segment];
}

void SegmentQueue::ended(const Task& task, Outcome::Kind kind, ExitCode code,
                         const std::string& error, int crew) {
  --given_out_;
  if (kind == Outcome::Kind::done) {
    ++painted_;
    painted_frames_ += task.frames;
    return;
  }
  Task again = task;
  ++again.attempt;
  if (kind == Outcome::Kind::stopped) {
    ++again.forgiven;
  } else if (task.last) {
    failed_.push_back({task.segment, code, error});
    return;
  } else {
    failed_at_[task.segment] = crew;
  }
  waiting_.push_back(again);
}

std::int64_t SegmentQueue::frames() const {
  std::int64_t frames = 0;
  for (const Task& task : waiting_) {
    frames += task.frames;
  }
  return frames;
}

}  // namespace impasto::job
