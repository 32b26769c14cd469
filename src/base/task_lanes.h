#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace impasto {

/// Does what waits for a disk or a network behind the caller's back: tasks of one lane in order, of
/// different lanes side by side.
class TaskLanes {
 public:
  explicit TaskLanes(std::size_t lanes);
  TaskLanes(const TaskLanes&) = delete;
  TaskLanes& operator=(const TaskLanes&) = delete;
  /// Waits for all that is to be done.
  ~TaskLanes();

  /// `lane` may be any number; equal ones are one lane. Throws what an earlier task has thrown.
  void add(std::size_t lane, std::function<void()> task);
  /// Waits for all tasks. Throws what the first that failed has thrown, once.
  void finish();

 private:
  struct Lane {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> tasks;
    bool busy = false;
    bool closed = false;
  };

  void run(Lane& lane);
  void rethrow_failure();

  std::mutex mutex_;
  std::exception_ptr failure_;
  std::deque<Lane> lanes_;
  std::vector<std::jthread> threads_;
};

}  // namespace impasto
