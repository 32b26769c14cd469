#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/ordered_queue.h"

namespace impasto {
namespace {

using std::chrono::milliseconds;

TEST(BoundedQueue, makes_the_faster_side_wait) {
  BoundedQueue<int> queue(2);
  std::atomic<int> pushed{0};
  std::jthread producer([&] {
    for (int i = 0; i < 5; ++i) {
      queue.push(i);
      ++pushed;
    }
    queue.end();
  });
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(pushed.load(), 2);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(queue.pop(), i);
  }
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, lets_everyone_go_when_closed) {
  BoundedQueue<int> queue(1);
  queue.push(1);
  std::jthread producer([&] { EXPECT_FALSE(queue.push(2)); });
  std::this_thread::sleep_for(milliseconds(10));
  queue.close();
  producer.join();
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(OrderedQueue, gives_out_in_the_order_of_places_whatever_is_filled_first) {
  OrderedQueue<int> queue(10);
  std::vector<std::uint64_t> places;
  places.reserve(4);
  for (int i = 0; i < 4; ++i) {
    places.push_back(*queue.reserve(true));
  }
  queue.end();
  for (int i = 3; i >= 0; --i) {
    queue.fill(places[static_cast<std::size_t>(i)], i);
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(queue.pop(), i);
  }
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(OrderedQueue, counts_only_heavy_items_against_its_capacity) {
  OrderedQueue<int> queue(1);
  const auto heavy = queue.reserve(true);
  const auto light = queue.reserve(false);
  ASSERT_TRUE(heavy && light);
  std::atomic<bool> reserved{false};
  std::jthread producer([&] {
    queue.reserve(true);
    reserved = true;
  });
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(reserved.load());
  queue.fill(*heavy, 1);
  EXPECT_EQ(queue.pop(), 1);
  producer.join();
  EXPECT_TRUE(reserved.load());
}

TEST(OrderedQueue, lets_everyone_go_when_closed) {
  OrderedQueue<int> queue(1);
  queue.reserve(true);
  std::jthread producer([&] { EXPECT_EQ(queue.reserve(true), std::nullopt); });
  std::jthread consumer([&] { EXPECT_EQ(queue.pop(), std::nullopt); });
  std::this_thread::sleep_for(milliseconds(10));
  queue.close();
}

}  // namespace
}  // namespace impasto
