#include "job/paint_orders.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/child_process.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "job/machine.h"
#include "job/paint_event.h"
#include "job/segment_worker.h"
#include "media/av.h"

namespace impasto::job {
namespace {

using Clock = std::chrono::steady_clock;

void tell(PaintEvent event) {
  event.peak_memory = peak_memory();
  const std::string line = to_line(event) + "\n";
  std::size_t written = 0;
  while (written < line.size()) {
    const ssize_t count = write(kEventsFd, line.data() + written, line.size() - written);
    if (count < 0 && errno != EINTR) {
      return;  // nobody listens any more; the end of the input will end this process
    }
    written += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

void tell_failure(ExitCode code, const std::string& error) {
  PaintEvent event;
  event.kind = PaintEvent::Kind::failed;
  event.code = code;
  event.error = error;
  tell(event);
}

/// What comes on standard input, read by a thread of its own: its end has to be seen while a
/// segment is being painted.
class Orders {
 public:
  Orders() : reader_([this] { read(); }) {}

  /// Waits for the next; nothing at the end.
  std::optional<PaintOrder> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (ended_) {
      return std::nullopt;
    }
    const PaintOrder order = waiting_.front();
    waiting_.pop_front();
    return order;
  }

 private:
  void read() {
    for (std::string line; std::getline(std::cin, line);) {
      if (const auto order = order_from_line(line)) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(*order);
        changed_.notify_one();
      }
    }
    request_interrupt();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PaintOrder> waiting_;
  bool ended_ = false;
  std::jthread reader_;
};

void carry_out(SegmentWorker& worker, const PaintOrder& order) {
  if (order.kind == PaintOrder::Kind::trial) {
    PaintEvent tried;
    tried.kind = PaintEvent::Kind::tried;
    tried.trial = worker.try_out(order.segment);
    tell(tried);
    return;
  }
  constexpr std::chrono::milliseconds kEvery{100};
  PaintEvent event;
  event.kind = PaintEvent::Kind::frames;
  Clock::time_point told = Clock::now();
  const auto done = [&](std::int64_t frames) {
    event.frames = frames;
    if (const Clock::time_point now = Clock::now(); now - told >= kEvery) {
      told = now;
      tell(event);
    }
  };
  if (order.kind == PaintOrder::Kind::paint) {
    worker.paint(order.segment, done);
  } else {
    worker.leave_unpainted(order.segment, done);
  }
  event.kind = PaintEvent::Kind::done;
  tell(event);
}

[[noreturn]] void end(ExitCode code) {
  // At once: what a whole process holds the system takes back faster, and the thread that reads
  // may still be waiting.
  std::_Exit(static_cast<int>(code));
}

}  // namespace

std::vector<std::string> paint_command(const JobFolder& job, std::vector<std::string> program,
                                       int threads) {
  std::vector<std::string> command = std::move(program);
  if (command.empty()) {
    command = {""};
    if (av_log_get_level() > AV_LOG_QUIET) {
      command.emplace_back("--verbose");
    }
    command.emplace_back("paint-segments");
  }
  for (std::string word : {job.uri(), std::string("--threads"), std::to_string(threads),
                           std::string("--parent"), std::to_string(getpid())}) {
    command.push_back(std::move(word));
  }
  return command;
}

void paint_orders(const JobFolder& job, int threads, pid_t parent) {
  end_without_parent(parent);
  ignore_interrupts();
  Orders orders;
  try {
    std::optional<SegmentWorker> worker;
    try {
      worker.emplace(job, threads);
      PaintEvent ready;
      ready.painter = worker->painter();
      ready.work = worker->worked_at();
      tell(ready);
    } catch (const Error& error) {
      tell_failure(error.code(), error.what());
      end(error.code());
    }
    while (const auto order = orders.next()) {
      try {
        carry_out(*worker, *order);
      } catch (const Error& error) {
        if (error.code() == ExitCode::interrupted) {
          end(ExitCode::interrupted);
        }
        tell_failure(error.code(), error.what());
      }
    }
  } catch (const std::bad_alloc&) {
    tell_failure(ExitCode::unavailable,
                 "there is not enough memory for it; paint with fewer --workers, at a smaller "
                 "--size, or close other programs");
    end(ExitCode::unavailable);
  } catch (const std::exception& error) {
    tell_failure(ExitCode::bug, std::string("this should not have happened: ") + error.what());
    end(ExitCode::bug);
  }
  end(ExitCode::done);
}

PaintEvent carry_out_apart(const JobFolder& job, const PaintOrder& order, int threads,
                           std::chrono::duration<double> patience) {
  ChildProcess process(paint_command(job, {}, threads));
  process.write_line(to_line(order));
  Clock::time_point sign = Clock::now();
  while (Clock::now() - sign < patience) {
    throw_if_interrupted();
    std::array<pollfd, 1> watched{{{process.events().fd(), POLLIN, 0}}};
    constexpr int kMilliseconds = 100;
    poll(watched.data(), watched.size(), kMilliseconds);
    const auto ended = process.ended();
    for (const std::string& line : process.events().lines()) {
      sign = Clock::now();
      const auto event = event_from_line(line);
      if (event && event->kind == PaintEvent::Kind::failed) {
        throw Error(event->code, event->error);
      }
      if (event &&
          (event->kind == PaintEvent::Kind::tried || event->kind == PaintEvent::Kind::done)) {
        return *event;
      }
    }
    process.complaints().lines();  // so that it never waits for a reader
    if (ended) {
      throw Error(ExitCode::unavailable,
                  fmt::format("the process at segment {} {}", order.segment, to_string(*ended)));
    }
  }
  throw Error(ExitCode::unavailable,
              fmt::format("the process at segment {} gave no sign for {:g} s", order.segment,
                          patience.count()));
}

}  // namespace impasto::job
