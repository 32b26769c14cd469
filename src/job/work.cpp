#include "job/work.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/error.h"
#include "base/interrupt.h"
#include "job/machine.h"
#include "job/segment_worker.h"

namespace impasto::job {
namespace {

using Clock = std::chrono::steady_clock;

std::size_t number_of(std::string_view text, const std::string& whole, const char* what) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) {
    throw Error(ExitCode::usage, fmt::format("'{}' is not {}", whole, what));
  }
  return number;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// The segments to be painted, and how far that is.
class Work {
 public:
  Work(const JobFolder& job, const WorkOptions& options, Progress& progress)
      : job_(job), options_(options), progress_(progress), worker_(job, options.threads) {}

  WorkReport run() {
    const Plan& plan = worker_.plan();
    std::vector<std::size_t> missing;
    std::int64_t frames = 0;
    const SegmentChoice& chosen = options_.segments;
    for (std::size_t i = 0; i < plan.segments.size(); ++i) {
      if (i < chosen.first || i > chosen.last || i % chosen.shards != chosen.shard) {
        continue;
      }
      if (job_.is_done(plan, i)) {
        ++report_.were_done;
      } else {
        missing.push_back(i);
        frames += plan.segments[i].frames;
      }
    }
    report_.painter = worker_.painter();
    report_.work = worker_.worked_at();
    progress_.begin(options_.title.empty() ? job_.uri() : options_.title, frames, 0);
    try {
      for (const std::size_t number : missing) {
        paint(number);
      }
    } catch (...) {
      progress_.end(false);
      throw;
    }
    progress_.end(true);
    return report_;
  }

 private:
  void paint(std::size_t number) {
    const auto before = job_.read_status(number);
    SegmentStatus status;
    status.host = host_name();
    status.processor = processor().name;
    // An attempt that never ended was that of a worker that died.
    status.attempt = before && !options_.anew ? before->attempt : 0;
    status.error = before ? before->error : "";
    while (status.attempt <= options_.retries) {
      throw_if_interrupted();
      ++status.attempt;
      if (try_once(number, status)) {
        ++report_.painted;
        return;
      }
    }
    if (status.error.empty()) {
      status.error = "every worker that tried died over it; its frames may take too much memory";
    }
    status.state = "failed";
    job_.write_status(number, status);
    report_.failed.push_back({number, code_, status.error});
  }

  bool try_once(std::size_t number, SegmentStatus& status) {
    const Clock::time_point begun = Clock::now();
    status.state = "painting";
    status.frames = 0;
    job_.write_status(number, status);
    const std::int64_t before = frames_;
    try {
      worker_.paint(number, [&](std::int64_t frames) {
        status.frames = frames;
        frames_ = before + frames;
        progress_.advance(frames_, 0);
      });
      status.state = "done";
      status.error.clear();
    } catch (const Error& error) {
      if (error.code() == ExitCode::interrupted) {
        --status.attempt;  // nobody's fault
        status.state = "stopped";
        job_.write_status(number, status);
        throw;
      }
      status.state = "failed";
      status.error = error.what();
      code_ = error.code();
      frames_ = before;
      progress_.note(
          fmt::format("segment {}, attempt {}: {}", number, status.attempt, status.error));
    }
    status.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    status.peak_memory = peak_memory();
    job_.write_status(number, status);
    return status.state == "done";
  }

  const JobFolder& job_;
  const WorkOptions& options_;
  Progress& progress_;
  SegmentWorker worker_;
  WorkReport report_;
  std::int64_t frames_ = 0;                ///< Painted here so far.
  ExitCode code_ = ExitCode::unavailable;  ///< Of the latest failure.
};

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

WorkReport work(const JobFolder& job, const WorkOptions& options, Progress& progress) {
  return Work(job, options, progress).run();
}

}  // namespace impasto::job
