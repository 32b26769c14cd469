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
/// workers finish at different times comes out as it went in. At most `capacity` heavy items are
/// inside at once, so a slow end holds up the front; light ones do not count. Thread-safe.
template <typename Item>
class OrderedQueue {
 public:
  explicit OrderedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Takes the next place, waiting for room if the item is heavy. Nothing after `close`.
  std::optional<std::uint64_t> reserve(bool heavy) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !heavy || heavy_ < capacity_; });
    if (closed_) {
      return std::nullopt;
    }
    places_.push_back({std::nullopt, heavy});
    heavy_ += heavy ? 1 : 0;
    return first_ + places_.size() - 1;
  }

  /// Fills a place.
  void fill(std::uint64_t place, Item item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) {
        return;
      }
      places_.at(static_cast<std::size_t>(place - first_)).item.emplace(std::move(item));
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
      return closed_ || (!places_.empty() && places_.front().item.has_value()) ||
             (ended_ && places_.empty());
    });
    if (closed_ || places_.empty()) {
      return std::nullopt;
    }
    std::optional<Item> item = std::move(places_.front().item);
    heavy_ -= places_.front().heavy ? 1 : 0;
    places_.pop_front();
    ++first_;
    lock.unlock();
    changed_.notify_all();
    return item;
  }

 private:
  struct Place {
    std::optional<Item> item;
    bool heavy;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Place> places_;
  const std::size_t capacity_;
  std::size_t heavy_ = 0;
  std::uint64_t first_ = 0;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace impasto
