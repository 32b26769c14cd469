#include "job/work.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "job/attempt_book.h"
#include "job/planned_input.h"

namespace impasto::job {

WorkReport work(const JobFolder& job, const WorkOptions& options, Progress& progress) {
  const Plan plan = job.read_plan();
  open_planned(plan.input);  // another input is refused even where nothing is left to paint
  const bool several = options.crew.workers > 1;
  SegmentQueue queue(job, plan, options.segments, options.retries, options.anew, several);
  AttemptBook book(job, plan, progress);
  WorkReport report;
  Dispatch dispatch;
  dispatch.next = [&] { return queue.next(); };
  dispatch.over = [&] { return queue.over(); };
  dispatch.began = [&](const Task& task, std::int64_t process) { book.began(task, process); };
  dispatch.ended = [&](const Outcome& outcome) {
    queue.ended(outcome.task, outcome.kind, outcome.code, outcome.error);
    if (outcome.kind == Outcome::Kind::done) {
      report.painter = outcome.painter;
      report.work = outcome.work;
    }
    book.ended(outcome);
  };
  dispatch.advanced = [&](std::int64_t frames) { progress.advance(frames, 0); };
  dispatch.told = [&](const std::optional<Task>& task, const std::string& sentence) {
    book.told(task, sentence);
  };
  CrewOptions crew = options.crew;
  crew.workers = static_cast<int>(
      std::clamp<std::size_t>(queue.size(), 1, static_cast<std::size_t>(options.crew.workers)));
  book.log().info(fmt::format("{} segments are missing, {} are there; {} workers begin",
                              queue.size(), queue.were_done(), crew.workers));
  progress.begin(options.title.empty() ? job.uri() : options.title, queue.frames(), 0);
  try {
    run_crew(job, crew, dispatch);
  } catch (const Error& error) {
    progress.end(false);
    book.log().error(error.what());
    try {
      book.finish();
    } catch (const Error&) {
      throw error;  // what came first says more
    }
    throw;
  } catch (...) {
    progress.end(false);
    throw;
  }
  progress.end(true);
  report.painted = queue.painted();
  report.were_done = queue.were_done();
  report.failed = queue.failed();
  book.log().info(
      fmt::format("{} segments are painted, {} have failed", report.painted, report.failed.size()));
  book.finish();
  return report;
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
