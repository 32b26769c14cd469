#include "job/crew.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/child_process.h"
#include "base/interrupt.h"
#include "base/processors.h"
#include "job/job_log.h"
#include "job/paint_orders.h"

namespace impasto::job {
namespace {

using Clock = std::chrono::steady_clock;
using Duration = std::chrono::duration<double>;

constexpr Duration kStartsWithin{300};  // compiling a large network anew on a busy machine
constexpr Duration kEndsWithin{3};      // for a process that has been told to stop
constexpr int kFailedStarts = 3;
constexpr Duration kBetweenStarts{1};
constexpr std::chrono::seconds kLate{2};

double seconds(Duration duration) { return duration.count(); }

/// One place in a crew: a process, or none, and what it is at.
class Seat {
 public:
  Seat(const JobFolder& job, const CrewOptions& options, const Dispatch& dispatch, int threads)
      : job_(job), options_(options), dispatch_(dispatch), threads_(threads) {}

  [[nodiscard]] bool is_painting() const { return task_.has_value(); }
  [[nodiscard]] bool is_given_up() const { return failed_starts_ >= kFailedStarts; }
  [[nodiscard]] bool is_ready() const { return process_ && ready_ && !task_ && !told_to_stop_; }
  [[nodiscard]] bool can_start() const {
    return !process_ && !is_given_up() && Clock::now() >= not_before_;
  }
  [[nodiscard]] const std::string& why_given_up() const { return start_failure_; }
  [[nodiscard]] std::int64_t frames() const { return task_ ? frames_ : 0; }

  void start() {
    process_ = std::make_unique<ChildProcess>(paint_command(job_, options_.program, threads_));
    id_ = process_->id();
    ready_ = false;
    told_to_stop_ = false;
    ended_by_us_.clear();
    begun_ = Clock::now();
    last_sign_ = begun_;
  }

  void give(const Task& task) {
    task_ = task;
    failed_ = false;
    frames_ = 0;
    begun_ = Clock::now();
    last_sign_ = begun_;
    began_ = time_stamp();
    process_->write_line(to_line(PaintOrder{task.segment, PaintOrder::Kind::paint}));
    dispatch_.began(task, id_);
  }

  void add_to(std::vector<pollfd>& watched) {
    if (process_) {
      for (const int fd : {process_->events().fd(), process_->complaints().fd()}) {
        if (fd >= 0) {
          watched.push_back({fd, POLLIN, 0});
        }
      }
    }
  }

  /// Hears what the process says, and whether it has ended.
  void listen() {
    if (!process_) {
      return;
    }
    const bool has_ended = process_->ended().has_value();  // first, so that nothing is missed
    for (const std::string& line : process_->events().lines()) {
      if (const auto event = event_from_line(line)) {
        take(*event);
      }
    }
    for (const std::string& line : process_->complaints().lines()) {
      dispatch_.told(task_, line);
      complaint_ = line;
    }
    if (has_ended) {
      take_ending(*process_->ended());
    }
  }

  /// Kills a process that takes too long.
  void watch() {
    if (!process_ || !ended_by_us_.empty()) {
      return;
    }
    const Clock::time_point now = Clock::now();
    if (told_to_stop_) {
      if (now - stop_told_ > kEndsWithin) {
        kill("did not stop");
      }
    } else if (!ready_ && now - begun_ > std::max(kStartsWithin, options_.stuck_after)) {
      kill(fmt::format("was not ready to paint within {:.0f} s and was ended",
                       seconds(now - begun_)));
    } else if (task_ && options_.segment_timeout.count() > 0 &&
               now - begun_ > options_.segment_timeout) {
      kill(
          fmt::format("took longer than the {:g} s of --segment-timeout, with {} of {} frames "
                      "painted, and was ended",
                      seconds(options_.segment_timeout), frames_, task_->frames));
    } else if (task_ && now - last_sign_ > options_.stuck_after) {
      kill(
          fmt::format("was stuck: no frame came for {:g} s (--stuck-after), with {} of {} "
                      "painted, and it was ended",
                      seconds(options_.stuck_after), frames_, task_->frames));
    }
  }

  /// Time in which nobody watched, as while the whole program was suspended, does not count.
  void forgive(Clock::duration time) {
    begun_ += time;
    last_sign_ += time;
  }

  /// Seconds until the segment is whole, by its pace, or by `frames_per_second` where it has none.
  [[nodiscard]] std::optional<Duration> time_left(double frames_per_second) const {
    const double so_far = seconds(Clock::now() - begun_);
    const double pace = frames_ > 0 ? static_cast<double>(frames_) / so_far : frames_per_second;
    if (!task_ || pace <= 0) {
      return std::nullopt;
    }
    return Duration(static_cast<double>(task_->frames - frames_) / pace);
  }

  /// Tells the process to drop what it is at and to end.
  void stop() {
    if (process_ && !told_to_stop_) {
      told_to_stop_ = true;
      stop_told_ = Clock::now();
      process_->close_input();
    }
  }

  [[nodiscard]] bool is_empty() const { return !process_; }
  [[nodiscard]] const std::optional<Task>& task() const { return task_; }
  /// Keeps the process from painting at all; thrown by whoever looks.
  [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }
  [[nodiscard]] std::int64_t frames_done() const { return frames_done_; }
  [[nodiscard]] double seconds_done() const { return seconds_done_; }

 private:
  void take(const PaintEvent& event) {
    last_sign_ = Clock::now();
    peak_memory_ = event.peak_memory;
    switch (event.kind) {
      case PaintEvent::Kind::ready:
        ready_ = true;
        failed_starts_ = 0;
        painter_ = event.painter;
        work_ = event.work;
        break;
      case PaintEvent::Kind::frames:
        frames_ = event.frames;
        break;
      case PaintEvent::Kind::done:
        if (task_) {
          frames_ = event.frames;
          frames_done_ += frames_;
          seconds_done_ += seconds(last_sign_ - begun_);
          finish(Outcome::Kind::done, ExitCode::done, "");
        }
        break;
      case PaintEvent::Kind::tried:
        break;  // nobody has asked here
      case PaintEvent::Kind::failed:
        if (!ready_) {
          fail_to_start(event.code, event.error);
        } else if (task_) {
          finish(Outcome::Kind::failed, event.code, event.error);
        }
        failed_ = true;
    }
  }

  void take_ending(const Ending& ending) {
    std::string how =
        "the process that painted " + (ended_by_us_.empty() ? to_string(ending) : ended_by_us_);
    if (ended_by_us_.empty() && ending.signal == SIGKILL) {
      how +=
          ", as the system does when memory runs out; paint with fewer --workers or at a "
          "smaller --size if it was that";
    } else if (!complaint_.empty() && ended_by_us_.empty()) {
      how += " (" + complaint_ + ")";
    }
    const bool was_ready = ready_;
    process_.reset();
    ready_ = false;
    complaint_.clear();
    if (task_) {
      finish(told_to_stop_ ? Outcome::Kind::stopped : Outcome::Kind::failed, ExitCode::unavailable,
             how);
    } else if (!was_ready && !failed_ && !told_to_stop_) {
      fail_to_start(ExitCode::unavailable, how);
    }
    failed_ = false;
  }

  void fail_to_start(ExitCode code, const std::string& why) {
    ++failed_starts_;
    start_failure_ = why;
    not_before_ =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(kBetweenStarts * failed_starts_);
    if (code != ExitCode::unavailable || is_given_up()) {
      refusal_ = Error(code, why);
    }
  }

  void finish(Outcome::Kind kind, ExitCode code, const std::string& error) {
    Outcome outcome{*task_,       kind,     code,    error,
                    began_,       id_,      frames_, seconds(Clock::now() - begun_),
                    peak_memory_, painter_, work_};
    task_.reset();
    frames_ = 0;
    dispatch_.ended(outcome);
  }

  void kill(std::string why) {
    ended_by_us_ = std::move(why);
    process_->kill();
  }

  const JobFolder& job_;
  const CrewOptions& options_;
  const Dispatch& dispatch_;
  int threads_;
  std::unique_ptr<ChildProcess> process_;
  std::int64_t id_ = 0;  ///< Of the process, or the last one.
  bool ready_ = false;
  bool failed_ = false;  ///< It has said why by itself.
  bool told_to_stop_ = false;
  Clock::time_point stop_told_;
  std::string ended_by_us_;  ///< Why we have killed it.
  std::string complaint_;    ///< The last line it wrote to standard error.
  std::optional<Task> task_;
  std::string began_;
  Clock::time_point begun_;  ///< The attempt, or the process while it is not ready.
  Clock::time_point last_sign_;
  std::int64_t frames_ = 0;
  std::uint64_t peak_memory_ = 0;
  engine::PainterInfo painter_;
  Size work_;
  int failed_starts_ = 0;
  Clock::time_point not_before_;
  std::string start_failure_;
  std::optional<Error> refusal_;
  std::int64_t frames_done_ = 0;
  double seconds_done_ = 0;
};

class Crew {
 public:
  Crew(const JobFolder& job, const CrewOptions& options, const Dispatch& dispatch)
      : options_(options), dispatch_(dispatch) {
    const int all = options.threads > 0 ? options.threads : usable_processors();
    const int workers = std::max(1, options.workers);
    for (int i = 0; i < workers; ++i) {
      // What does not divide evenly goes to the first.
      const int threads = std::max(1, all / workers + (i < all % workers ? 1 : 0));
      seats_.push_back(std::make_unique<Seat>(job, options, dispatch, threads));
    }
  }

  void run() {
    last_turn_ = Clock::now();
    for (;;) {
      if (dispatch_.turn) {
        dispatch_.turn();
      }
      if (interrupted() && !draining_) {
        begin_to_drain();
      }
      assign();
      if (is_through()) {
        break;
      }
      wait();
      hear();
      if (draining_) {
        drain();
      }
    }
    stop_all();
    if (interrupted()) {
      throw_if_interrupted();
    }
  }

 private:
  void assign() {
    if (draining_) {
      return;
    }
    for (const auto& seat : seats_) {
      if (seat->can_start() && !dispatch_.over()) {
        seat->start();
      } else if (seat->is_ready()) {
        if (const std::optional<Task> task = dispatch_.next()) {
          seat->give(*task);
        }
      }
    }
  }

  [[nodiscard]] bool is_through() const {
    const bool painting = std::any_of(seats_.begin(), seats_.end(),
                                      [](const auto& seat) { return seat->is_painting(); });
    return !painting && (draining_ || dispatch_.over());
  }

  void wait() {
    std::vector<pollfd> watched;
    for (const auto& seat : seats_) {
      seat->add_to(watched);
    }
    poll(watched.data(), watched.size(), static_cast<int>(dispatch_.every.count()));
  }

  void hear() {
    // Who has not been looked at for long, because this program was suspended or waited for a
    // store, is not to blame for it.
    const Clock::time_point now = Clock::now();
    const auto since = now - last_turn_;
    const auto late = since > kLate ? since : Clock::duration::zero();
    last_turn_ = now;
    std::int64_t frames = 0;
    bool all_given_up = true;
    for (const auto& seat : seats_) {
      if (late.count() > 0) {
        seat->forgive(late);
      }
      seat->listen();
      seat->watch();
      if (seat->refusal() && seat->refusal()->code() != ExitCode::unavailable) {
        throw *seat->refusal();
      }
      all_given_up = all_given_up && seat->is_given_up();
      frames += seat->frames_done() + seat->frames();
    }
    if (all_given_up) {
      throw Error(ExitCode::unavailable,
                  fmt::format("{}; it was tried {} times, and no segment could be begun",
                              seats_.front()->why_given_up(), kFailedStarts));
    }
    dispatch_.advanced(frames);
  }

  void begin_to_drain() {
    draining_ = true;
    drained_by_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(options_.grace);
    double frames = 0;
    double time = 0;
    for (const auto& seat : seats_) {
      frames += static_cast<double>(seat->frames_done());
      time += seat->seconds_done();
    }
    for (const auto& seat : seats_) {
      const std::optional<Duration> left = seat->time_left(time > 0 ? frames / time : 0);
      if (left && *left <= options_.grace) {
        dispatch_.told(seat->task(),
                       fmt::format("stopping when segment {} is whole, in about {:.0f} s; once "
                                   "more drops it",
                                   seat->task()->segment, std::max(1.0, left->count())));
      } else {
        seat->stop();
      }
    }
  }

  void drain() {
    for (const auto& seat : seats_) {
      if (!seat->is_painting() || Clock::now() >= drained_by_) {
        seat->stop();
      }
    }
  }

  void stop_all() {
    for (const auto& seat : seats_) {
      seat->stop();
    }
    const Clock::time_point until =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(kEndsWithin);
    const auto empty = [](const auto& seat) { return seat->is_empty(); };
    while (!std::all_of(seats_.begin(), seats_.end(), empty) && Clock::now() < until) {
      std::vector<pollfd> watched;
      for (const auto& seat : seats_) {
        seat->add_to(watched);
      }
      constexpr int kMilliseconds = 10;  // its ending may come a little after its pipes' end
      poll(watched.data(), watched.size(), kMilliseconds);
      for (const auto& seat : seats_) {
        seat->listen();
      }
    }
  }

  const CrewOptions& options_;
  const Dispatch& dispatch_;
  std::vector<std::unique_ptr<Seat>> seats_;
  bool draining_ = false;
  Clock::time_point drained_by_;
  Clock::time_point last_turn_;
};

}  // namespace

void run_crew(const JobFolder& job, const CrewOptions& options, const Dispatch& dispatch) {
  Crew(job, options, dispatch).run();
}

}  // namespace impasto::job
