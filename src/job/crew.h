#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "job/crew_options.h"
#include "job/job_folder.h"
#include "job/paint_event.h"

namespace impasto::job {

/// A segment to be painted, and which attempt that is.
struct Task {
  std::size_t segment = 0;
  std::int64_t frames = 0;  ///< That it holds.
  int attempt = 1;
  int forgiven = 0;   ///< Attempts before that do not count.
  bool last = false;  ///< If it fails, the segment has failed.

  /// Attempts that count, with this one.
  [[nodiscard]] int counted() const { return attempt - forgiven; }
};

/// How an attempt ended.
struct Outcome {
  enum class Kind {
    done,
    failed,
    stopped,  ///< On request; nobody's fault.
  };
  Task task;
  Kind kind = Kind::failed;
  ExitCode code = ExitCode::unavailable;  ///< Of a failure ...
  std::string error;                      ///< ... and its sentence.
  std::string began;
  std::int64_t process = 0;
  std::int64_t frames = 0;
  double seconds = 0;
  std::uint64_t peak_memory = 0;
  engine::PainterInfo painter;
  Size work;
};

/// Where a crew's work comes from and goes to; called between events, on one thread.
struct Dispatch {
  std::function<std::optional<Task>()> next;  ///< Nothing: not now.
  std::function<bool()> over;                 ///< Nothing will come any more.
  std::function<void(const Task&, std::int64_t process)> began;
  std::function<void(const Outcome&)> ended;
  std::function<void(std::int64_t frames)> advanced;  ///< Painted here in all, begun ones too.
  /// What a user should know; about a segment, or none.
  std::function<void(const std::optional<Task>&, const std::string& sentence)> told;
  std::function<void()> turn;  ///< At least once in each `every`; may be empty.
  std::chrono::milliseconds every{100};
};

/// Processes that paint segments of a job, each a child of this one: what kills it, or makes it
/// hang, costs an attempt at one segment and nothing else. Paints until there is nothing more, and
/// throws then Error(interrupted) where it was asked to stop; a segment that will be whole within
/// the grace time, by its pace so far, is finished before. Throws what keeps the processes from
/// painting at all (Error(bad_input) for another input, ...) and Error(unavailable) when they die
/// before they begin, again and again.
void run_crew(const JobFolder& job, const CrewOptions& options, const Dispatch& dispatch);

}  // namespace impasto::job
