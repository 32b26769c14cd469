#include "job/work.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "job/planned_input.h"

namespace impasto::job {
namespace {

/// What `paint` throws is written down, too.
template <typename Paint>
void recorded(AttemptBook& book, const Paint& paint) {
  try {
    paint();
  } catch (const Error& error) {
    book.log().error(error.what());
    try {
      book.finish();
    } catch (const Error&) {
      throw error;  // what came first says more
    }
    throw;
  }
}

/// Waits while others paint. Throws the refusal where none of them can either.
void leave_to_peers(const Error& refusal, const SegmentQueue& queue, const Dispatch& dispatch,
                    const Peers& peers) {
  dispatch.told(
      std::nullopt,
      fmt::format("nothing can be painted on this host: {}; the others go on", refusal.what()));
  while (!queue.over()) {
    dispatch.turn();
    throw_if_interrupted();
    if (!peers.can_paint()) {
      throw refusal;
    }
    dispatch.advanced(0);
    std::this_thread::sleep_for(dispatch.every);
  }
}

}  // namespace

WorkReport work(const JobFolder& job, const WorkOptions& options, Progress& progress,
                Peers* peers) {
  const Plan plan = job.read_plan();
  open_planned(plan.input);  // another input is refused even where nothing is left to paint
  const bool several = options.crew.workers > 1 || peers != nullptr;
  SegmentQueue queue(job, plan, options.segments, options.retries, options.anew, several);
  AttemptBook book(job, plan, progress);
  WorkReport report;
  const std::int64_t total = queue.frames();
  std::map<std::size_t, Task> in_hand;
  Dispatch dispatch;
  dispatch.next = [&] {
    std::optional<Task> task = queue.next();
    if (task) {
      in_hand[task->segment] = *task;
    }
    return task;
  };
  dispatch.over = [&] { return queue.over(); };
  dispatch.began = [&](const Task& task, std::int64_t process) { book.began(task, process); };
  dispatch.ended = [&](const Outcome& outcome) {
    in_hand.erase(outcome.task.segment);
    queue.ended(outcome.task, outcome.kind, outcome.code, outcome.error);
    if (outcome.kind == Outcome::Kind::done) {
      report.painter = outcome.painter;
      report.work = outcome.work;
    }
    book.ended(outcome);
  };
  dispatch.advanced = [&](std::int64_t frames) {
    const std::int64_t all = frames + (peers != nullptr ? peers->frames() : 0);
    progress.advance(all, 0);
    if (peers != nullptr) {
      peers->told(all, total);
    }
  };
  dispatch.told = [&](const std::optional<Task>& task, const std::string& sentence) {
    book.told(task, sentence);
  };
  if (peers != nullptr) {
    dispatch.turn = [&] { peers->serve(queue, book); };
    dispatch.every = kTurnWithPeers;
  }
  CrewOptions crew = options.crew;
  crew.workers = static_cast<int>(
      std::clamp<std::size_t>(queue.size(), 1, static_cast<std::size_t>(options.crew.workers)));
  book.log().info(fmt::format("{} segments are missing, {} are there; {} workers begin",
                              queue.size(), queue.were_done(), crew.workers));
  progress.begin(options.title.empty() ? job.uri() : options.title, total, 0);
  try {
    recorded(book, [&] {
      try {
        run_crew(job, crew, dispatch);
      } catch (const Error& refusal) {
        if (peers == nullptr || refusal.code() == ExitCode::interrupted) {
          throw;
        }
        for (const auto& [segment, task] : std::exchange(in_hand, {})) {
          queue.ended(task, Outcome::Kind::stopped, ExitCode::interrupted, "");
        }
        leave_to_peers(refusal, queue, dispatch, *peers);
      }
    });
  } catch (...) {
    progress.end(false);
    throw;
  }
  progress.advance(queue.painted_frames(), 0);  // others may not have told their last ones
  progress.end(true);
  report.painted = queue.painted();
  report.were_done = queue.were_done();
  report.failed = queue.failed();
  book.log().info(
      fmt::format("{} segments are painted, {} have failed", report.painted, report.failed.size()));
  book.finish();
  return report;
}

std::optional<Error> failure_of(const JobFolder& job, const WorkReport& report) {
  if (report.failed.empty()) {
    return std::nullopt;
  }
  const FailedSegment& first = report.failed.front();
  return Error(ExitCode::unavailable,
               fmt::format("{} segments of '{}' could not be painted; segment {}: {}",
                           report.failed.size(), job.uri(), first.number, first.why));
}

void run_crew(const JobFolder& job, const CrewOptions& options, const Dispatch& dispatch,
              AttemptBook& book) {
  recorded(book, [&] { run_crew(job, options, dispatch); });
  book.finish();
}

std::size_t retry(const JobFolder& job, const SegmentChoice& chosen) {
  const Plan plan = job.read_plan();
  const JobContents there = job.contents(plan);
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    if (chosen.has(i) && there.tried[i] && !there.painted[i]) {
      numbers.push_back(i);
    }
  }
  std::size_t count = 0;
  const std::vector<std::optional<SegmentStatus>> statuses = job.read_statuses(plan, numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (statuses[i] && statuses[i]->state == "failed") {
      SegmentStatus status = *statuses[i];
      status.state = "new";
      status.forgiven = status.attempt;
      job.write_status(numbers[i], status);
      ++count;
    }
  }
  return count;
}

}  // namespace impasto::job
