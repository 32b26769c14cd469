#include "launch/mpi/mpi_work.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/processors.h"
#include "job/attempt_book.h"
#include "job/machine.h"
#include "launch/mpi/coordinator.h"
#include "launch/mpi/participant.h"
#include "launch/mpi/supervision.h"

namespace impasto::launch {
namespace {

using Clock = std::chrono::steady_clock;

/// Rank 0's talk with `impasto mpi-run`, if that has started it.
class Supervisor {
 public:
  explicit Supervisor(bool is_there) : is_there_(is_there) {}

  /// Asks this process to stop once the supervisor has closed standard input, or is gone.
  void hear() {
    std::array<pollfd, 1> input{{{STDIN_FILENO, POLLIN, 0}}};
    if (!is_there_ || at_end_ || poll(input.data(), input.size(), 0) <= 0) {
      return;
    }
    std::array<char, 64> ignored{};
    if (read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0) {
      at_end_ = true;
      request_interrupt();
    }
  }

  void tell(std::int64_t frames, std::int64_t total) {
    constexpr std::chrono::seconds kBetween{1};
    if (const Clock::time_point now = Clock::now(); is_there_ && now - told_ >= kBetween) {
      told_ = now;
      write({.frames = frames, .total = total});
    }
  }

  void tell_end(ExitCode code, const std::string& error, bool final) {
    if (is_there_) {
      write({.ended = true, .code = code, .error = error, .final = final});
    }
  }

 private:
  static void write(const RankZeroSign& sign) {
    std::puts(to_line(sign).c_str());
    std::fflush(stdout);
  }

  bool is_there_;
  bool at_end_ = false;
  Clock::time_point told_;
};

/// What job::work() knows of the other ranks, and how `impasto mpi-run` hears of all.
class SupervisedPeers final : public job::Peers {
 public:
  SupervisedPeers(Coordinator& coordinator, Supervisor& supervisor)
      : coordinator_(coordinator), supervisor_(supervisor) {}

  void serve(job::SegmentQueue& queue, job::AttemptBook& book) override {
    supervisor_.hear();
    coordinator_.serve(queue, book);
  }
  void told(std::int64_t frames, std::int64_t total) override { supervisor_.tell(frames, total); }
  [[nodiscard]] std::int64_t frames() const override { return coordinator_.frames(); }
  [[nodiscard]] bool can_paint() const override { return coordinator_.can_paint(); }

 private:
  Coordinator& coordinator_;
  Supervisor& supervisor_;
};

job::WorkReport coordinate(const job::JobFolder& job, const job::WorkOptions& options,
                           const MpiOptions& mpi, Transport& transport, Progress& progress) {
  Coordinator coordinator(transport, mpi.silence);
  Supervisor supervisor(mpi.supervised);
  SupervisedPeers peers(coordinator, supervisor);
  supervisor.tell(0, 0);
  const auto end = [&](ExitCode code, const std::string& error, bool final) {
    supervisor.tell_end(code, error, final);
    if (coordinator.dismiss()) {
      transport.finish();
    }
  };
  try {
    const job::WorkReport report = job::work(job, options, progress, &peers);
    const std::optional<Error> failure = job::failure_of(job, report);
    end(failure ? failure->code() : ExitCode::done, failure ? failure->what() : "", true);
    return report;
  } catch (const Error& error) {
    if (error.code() == ExitCode::interrupted) {
      constexpr std::chrono::seconds kBeyondGrace{10};
      coordinator.wait_until_stopped(options.crew.grace + kBeyondGrace);
    }
    end(error.code(), error.what(), false);
    throw;
  }
}

void participate(const job::JobFolder& job, const job::WorkOptions& options, const MpiOptions& mpi,
                 Transport& transport, Progress& progress) {
  constexpr int kMorePatient = 10;  // rank 0 may itself wait for a store, and others need it
  Participant participant(transport, job::host_name(), mpi.silence * kMorePatient);
  const auto turn = [&] {
    participant.turn();
    if (participant.stop() && !interrupted()) {
      request_interrupt();
    }
  };
  try {
    const job::Plan plan = job.read_plan();
    job::AttemptBook book(job, plan, progress);
    book.log().info(fmt::format("rank {} of {} begins", transport.rank(), transport.size()));
    job::Dispatch dispatch;
    dispatch.next = [&] { return participant.next(); };
    dispatch.over = [&] { return participant.over(); };
    dispatch.began = [&](const job::Task& task, std::int64_t process) {
      book.began(task, process);
    };
    dispatch.ended = [&](const job::Outcome& outcome) {
      book.ended(outcome);
      participant.ended(outcome);
    };
    dispatch.advanced = [&](std::int64_t frames) { participant.advanced(frames); };
    dispatch.told = [&](const std::optional<job::Task>& task, const std::string& sentence) {
      book.told(task, sentence);
    };
    dispatch.turn = turn;
    dispatch.every = job::kTurnWithPeers;
    job::run_crew(job, options.crew, dispatch, book);
  } catch (const Error& error) {
    if (error.code() != ExitCode::interrupted) {
      participant.refuse(error);
    }
  }
  participant.leave();
  while (!participant.over()) {  // MPI ends for all ranks at once
    turn();
    std::this_thread::sleep_for(job::kTurnWithPeers);
  }
  if (participant.ends_with_all()) {
    transport.finish();
  } else if (participant.is_cut_off()) {
    throw Error(
        ExitCode::unavailable,
        fmt::format("rank 0 has given no sign to rank {} on {} for {:g} s; look after the "
                    "network between the hosts",
                    transport.rank(), job::host_name(), (mpi.silence * kMorePatient).count()));
  }
}

}  // namespace

job::WorkReport work_as_rank(const job::JobFolder& job, job::WorkOptions options,
                             const MpiOptions& mpi, Transport& transport, Progress& progress) {
  // Ranks that are bound to processors of their own do not share them.
  const int beside = transport.count_beside(processors_fingerprint());
  if (options.crew.threads == 0) {
    options.crew.threads = std::max(1, usable_processors() / beside);
  }
  if (transport.rank() == 0) {
    return coordinate(job, options, mpi, transport, progress);
  }
  participate(job, options, mpi, transport, progress);
  return {};
}

}  // namespace impasto::launch
