#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "job/work.h"
#include "launch/mpi/message.h"
#include "launch/mpi/transport.h"

namespace impasto::launch {

/// Rank 0's half: hands segments to the other ranks, one at a time and to whoever asks, and takes
/// back what those had that fall silent, so that neither a slow nor a dead rank holds up the rest.
class Coordinator {
 public:
  using Clock = std::chrono::steady_clock;

  /// `silence`: without a sign a rank counts as lost; it may come back.
  Coordinator(Transport& transport, std::chrono::duration<double> silence,
              std::function<Clock::time_point()> now = Clock::now);

  void serve(job::SegmentQueue& queue, job::AttemptBook& book);
  [[nodiscard]] std::int64_t frames() const;
  [[nodiscard]] bool can_paint() const;

  /// Waits until all have stopped, at most so long: once this process is interrupted, serve() tells
  /// them to.
  void wait_until_stopped(std::chrono::duration<double> patience);
  /// Tells all that nothing is left and waits for them, as long as they give signs. Whether all
  /// have ended; if not, MPI cannot be finished.
  bool dismiss();

 private:
  struct Peer {
    std::string host;
    Clock::time_point last_sign;
    std::int64_t wish = 0;  ///< The last one for a segment that was heard ...
    std::int64_t met = 0;   ///< ... and met.
    std::map<std::size_t, job::Task> at_work;
    std::int64_t frames = 0;
    bool refused = false;
    bool left = false;
    bool lost = false;

    [[nodiscard]] bool paints() const { return !refused && !left && !lost; }
  };

  void hear(job::SegmentQueue* queue, job::AttemptBook* book);
  void take(int rank, const Message& message, job::SegmentQueue* queue, job::AttemptBook* book);
  void give_back(int rank, job::SegmentQueue* queue);
  void lose_silent(job::SegmentQueue& queue, job::AttemptBook& book);
  void hand_out(job::SegmentQueue& queue);
  void tell_all(const Message& message);
  /// Hears until all have left or are lost, or the time is over.
  void wait_until_left(std::chrono::duration<double> patience);
  [[nodiscard]] std::string name(int rank) const;
  Peer& peer(int rank) { return peers_.at(static_cast<std::size_t>(rank)); }

  Transport& transport_;
  std::chrono::duration<double> silence_;
  std::function<Clock::time_point()> now_;
  bool stopped_ = false;
  std::vector<Peer> peers_;  ///< By rank; the first, this one's, is not used.
};

}  // namespace impasto::launch
