#include "store/remote/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "store/remote/patience.h"

namespace impasto::store::remote {
namespace {

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20U;

std::byte byte_at(std::uint64_t offset) {
  return static_cast<std::byte>((offset * 2654435761U) >> 13U & 0xFFU);
}

/// An object whose bytes follow from their places, and what was asked of it.
class Far {
 public:
  explicit Far(std::uint64_t size)
      : source_("s3://films/in.mp4", size, [this](std::uint64_t offset, std::span<std::byte> into) {
          ++requests;
          fetched += into.size();
          for (std::size_t i = 0; i < into.size(); ++i) {
            into[i] = byte_at(offset + i);
          }
        }) {}

  /// Reads and checks; gives the number of bytes.
  std::size_t read(std::uint64_t offset, std::size_t size) {
    std::vector<std::byte> bytes(size);
    const std::size_t count = source_.read_at(offset, bytes);
    for (std::size_t i = 0; i < count; ++i) {
      if (bytes[i] != byte_at(offset + i)) {
        ADD_FAILURE() << "wrong byte at " << offset + i;
        break;
      }
    }
    return count;
  }
  /// As libav reads on.
  void read_on(std::uint64_t offset, std::uint64_t size) {
    constexpr std::uint64_t kPiece = kMegabyte / 4;
    for (std::uint64_t done = 0; done < size; done += kPiece) {
      read(offset + done, kPiece);
    }
  }

  std::atomic<int> requests = 0;
  std::atomic<std::uint64_t> fetched = 0;

 private:
  ReadAhead source_;
};

TEST(ReadAhead, reads_what_is_there_and_nothing_past_the_end) {
  Far far(10'000);
  EXPECT_EQ(far.read(0, 10), 10U);
  EXPECT_EQ(far.read(9'990, 100), 10U);
  EXPECT_EQ(far.read(10'000, 100), 0U);
  EXPECT_EQ(far.read(20'000, 100), 0U);
  EXPECT_EQ(far.requests, 1);
}

TEST(ReadAhead, who_reads_on_asks_seldom_and_gets_little_for_nothing) {
  Far far(2048 * kMegabyte);
  far.read_on(1000 * kMegabyte, 40 * kMegabyte);
  EXPECT_LT(far.requests, 50);
  EXPECT_LT(far.fetched, 46 * kMegabyte);
}

TEST(ReadAhead, who_jumps_about_gets_what_he_asks_for) {
  Far far(2048 * kMegabyte);
  std::minstd_rand random(1);
  for (int i = 0; i < 100; ++i) {
    far.read(std::uniform_int_distribution<std::uint64_t>(0, 2000 * kMegabyte)(random), 1000);
  }
  EXPECT_LE(far.fetched, 100 * kMegabyte / 4);
}

TEST(ReadAhead, two_places_that_are_read_in_turn_are_both_read_on) {
  Far far(2048 * kMegabyte);
  for (std::uint64_t done = 0; done < 20 * kMegabyte; done += kMegabyte / 4) {
    far.read(100 * kMegabyte + done, kMegabyte / 4);
    far.read(900 * kMegabyte + done, kMegabyte / 4);
  }
  EXPECT_LT(far.requests, 80);
  EXPECT_LT(far.fetched, 46 * kMegabyte);
}

TEST(ReadAhead, head_and_index_are_kept_through_many_segments) {
  Far far(2048 * kMegabyte);
  std::uint64_t before = 0;
  for (std::uint64_t segment = 0; segment < 5; ++segment) {
    before = far.fetched;
    far.read_on(0, 2 * kMegabyte);
    far.read_on(2040 * kMegabyte, 6 * kMegabyte);
    if (segment >= 2) {
      EXPECT_EQ(far.fetched, before) << segment;
    }
    far.read_on((100 + 300 * segment) * kMegabyte, 30 * kMegabyte);
  }
}

TEST(ReadAhead, threads_read_side_by_side) {
  Far far(64 * kMegabyte);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 4; ++i) {
    threads.emplace_back([&far, i] { far.read_on(i * 9 * kMegabyte, 12 * kMegabyte); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST(ReadAhead, a_failure_is_the_readers_and_the_next_read_tries_anew) {
  bool broken = true;
  ReadAhead source("s3://films/in.mp4", 100, [&](std::uint64_t, std::span<std::byte> into) {
    if (broken) {
      throw TemporaryFailure("cut");
    }
    std::fill(into.begin(), into.end(), std::byte{7});
  });
  std::vector<std::byte> bytes(10);
  EXPECT_THROW(source.read_at(0, bytes), TemporaryFailure);
  broken = false;
  EXPECT_EQ(source.read_at(0, bytes), 10U);
  EXPECT_EQ(bytes[9], std::byte{7});
}

}  // namespace
}  // namespace impasto::store::remote
