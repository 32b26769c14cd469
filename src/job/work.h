#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/progress.h"
#include "base/size.h"
#include "engine/painter.h"
#include "job/attempt_book.h"
#include "job/crew.h"
#include "job/job_folder.h"
#include "job/segment_queue.h"

namespace impasto::job {

struct WorkOptions {
  SegmentChoice segments;
  std::string title;  ///< What progress calls the work; empty: the job's URI.
  int retries = 2;    ///< After the first attempt, however many workers have made it.
  bool anew = false;  ///< Attempts made before do not count.
  CrewOptions crew;
};

struct WorkReport {
  std::size_t painted = 0;
  std::size_t were_done = 0;
  std::vector<FailedSegment> failed;
  engine::PainterInfo painter;  ///< Empty where nothing was left to paint.
  Size work;                    ///< That the network worked at.
};

/// How often those listen who paint segments of one job in several places; a word waits for half of
/// it.
constexpr std::chrono::milliseconds kTurnWithPeers{20};

/// Others, somewhere else, who paint segments out of the same queue.
class Peers {
 public:
  virtual ~Peers() = default;

  /// Hears them and gives them segments; called many times a second.
  virtual void serve(SegmentQueue& queue, AttemptBook& book) = 0;
  /// That they have painted in all.
  [[nodiscard]] virtual std::int64_t frames() const = 0;
  /// Whether one of them still paints.
  [[nodiscard]] virtual bool can_paint() const = 0;
  /// How far all are, called as often.
  virtual void told(std::int64_t frames, std::int64_t total) = 0;
};

/// Paints what is missing of the chosen segments, in processes of their own. A segment that fails
/// is tried again, `retries` times, and left out then. With `peers`, these go on where nothing can
/// be painted here. Throws like run_crew() and JobFolder::read_plan().
WorkReport work(const JobFolder& job, const WorkOptions& options, Progress& progress,
                Peers* peers = nullptr);

/// The sentence about segments that failed; nothing where none has.
std::optional<Error> failure_of(const JobFolder& job, const WorkReport& report);

/// The same as run_crew(), with what it throws written down, and `book` whole at the end.
void run_crew(const JobFolder& job, const CrewOptions& options, const Dispatch& dispatch,
              AttemptBook& book);

/// Segments that failed count as new again; gives how many those are.
std::size_t retry(const JobFolder& job, const SegmentChoice& chosen);

}  // namespace impasto::job
