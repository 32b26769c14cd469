#include "base/task_lanes.h"

#include <utility>

namespace impasto {

TaskLanes::TaskLanes(std::size_t lanes) : lanes_(lanes) {
  for (Lane& lane : lanes_) {
    threads_.emplace_back([this, &lane] { run(lane); });
  }
}

TaskLanes::~TaskLanes() {
  for (Lane& lane : lanes_) {
    const std::lock_guard lock(lane.mutex);
    lane.closed = true;
    lane.changed.notify_all();
  }
}

void TaskLanes::add(std::size_t lane, std::function<void()> task) {
  rethrow_failure();
  Lane& chosen = lanes_[lane % lanes_.size()];
  const std::lock_guard lock(chosen.mutex);
  chosen.tasks.push_back(std::move(task));
  chosen.changed.notify_all();
}

void TaskLanes::finish() {
  for (Lane& lane : lanes_) {
    std::unique_lock lock(lane.mutex);
    lane.changed.wait(lock, [&] { return lane.tasks.empty() && !lane.busy; });
  }
  rethrow_failure();
}

void TaskLanes::run(Lane& lane) {
  std::unique_lock lock(lane.mutex);
  for (;;) {
    lane.changed.wait(lock, [&] { return lane.closed || !lane.tasks.empty(); });
    if (lane.tasks.empty()) {
      return;
    }
    const std::function<void()> task = std::move(lane.tasks.front());
    lane.tasks.pop_front();
    lane.busy = true;
    lock.unlock();
    try {
      task();
    } catch (...) {
      const std::lock_guard failed(mutex_);
      failure_ = failure_ ? failure_ : std::current_exception();
    }
    lock.lock();
    lane.busy = false;
    lane.changed.notify_all();
  }
}

void TaskLanes::rethrow_failure() {
  std::exception_ptr failure;
  {
    const std::lock_guard lock(mutex_);
    failure = std::exchange(failure_, nullptr);
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace impasto
