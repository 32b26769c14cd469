#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace impasto {

/// A queue whose places are taken in order, filled in any order and emptied in order: what several
/// workers finish at different times comes out as it went in. Thread-safe.
template <typename Item>
class OrderedQueue {
 public:
  /// Takes the next place.
  std::uint64_t reserve() {
    const std::lock_guard lock(mutex_);
    places_.emplace_back();
    return first_ + places_.size() - 1;
  }

  /// Fills a place.
  void fill(std::uint64_t place, Item item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) {
        return;
      }
      places_.at(static_cast<std::size_t>(place - first_)).emplace(std::move(item));
    }
    changed_.notify_all();
  }

  /// No more places will be taken: `pop` gives what is there and then nothing.
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
  }

  /// Wakes everyone up at once; what is inside is dropped.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  /// The item in the first place, waiting for it; nothing at the end or after `close`.
  std::optional<Item> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return closed_ || (!places_.empty() && places_.front().has_value()) ||
             (ended_ && places_.empty());
    });
    if (closed_ || places_.empty()) {
      return std::nullopt;
    }
    std::optional<Item> item = std::move(places_.front());
    places_.pop_front();
    ++first_;
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::optional<Item>> places_;
  std::uint64_t first_ = 0;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace impasto
