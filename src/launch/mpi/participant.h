#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "job/crew.h"
#include "launch/mpi/message.h"
#include "launch/mpi/transport.h"

namespace impasto::launch {

/// Every other rank's half: asks rank 0 for segments and tells it what became of them.
class Participant {
 public:
  using Clock = std::chrono::steady_clock;

  /// `patience`: how long rank 0 may give no sign before this rank ends by itself.
  Participant(Transport& transport, const std::string& host, std::chrono::duration<double> patience,
              std::function<Clock::time_point()> now = Clock::now);

  /// The next segment for a worker that wants one, if rank 0 has sent it already.
  std::optional<job::Task> next();
  /// Nothing will come any more.
  [[nodiscard]] bool over() const { return over_; }
  void ended(const job::Outcome& outcome);
  void advanced(std::int64_t frames) { frames_ = frames; }
  /// Hears and gives signs; to be called several times a second.
  void turn();
  /// Rank 0 wants this rank to stop.
  [[nodiscard]] bool stop() const { return stop_; }

  void refuse(const Error& why);
  /// Nothing is painted here any more.
  void leave();
  /// All ranks are there to end together.
  [[nodiscard]] bool ends_with_all() const { return over_ && !part_alone_; }
  /// Rank 0 has given no sign for too long.
  [[nodiscard]] bool is_cut_off() const { return cut_off_; }

 private:
  void say(const Message& message) { transport_.send(0, to_line(message)); }

  Transport& transport_;
  std::chrono::duration<double> patience_;
  std::function<Clock::time_point()> now_;
  std::deque<job::Task> granted_;
  std::int64_t wish_ = 0;  ///< The number of the last one ...
  bool waits_ = false;     ///< ... which is not met.
  std::int64_t frames_ = 0;
  Clock::time_point heard_;
  Clock::time_point said_;
  bool stop_ = false;
  bool over_ = false;
  bool part_alone_ = false;
  bool cut_off_ = false;
};

}  // namespace impasto::launch
