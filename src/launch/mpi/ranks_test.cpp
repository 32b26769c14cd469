// Both halves, Coordinator and Participant, with letters that go through memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "launch/mpi/coordinator.h"
#include "launch/mpi/participant.h"

namespace impasto::launch {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Post {
  std::map<int, std::deque<Letter>> boxes;
  std::set<int> cut_off;
};

class MemoryTransport final : public Transport {
 public:
  MemoryTransport(Post& post, int rank, int size) : post_(post), rank_(rank), size_(size) {}

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  int count_beside(std::uint64_t /*value*/) override { return size_; }
  void send(int to, const std::string& text) override {
    if (!post_.cut_off.contains(to) && !post_.cut_off.contains(rank_)) {
      post_.boxes[to].push_back({rank_, text});
    }
  }
  std::optional<Letter> receive() override {
    std::deque<Letter>& box = post_.boxes[rank_];
    if (box.empty()) {
      return std::nullopt;
    }
    Letter letter = box.front();
    box.pop_front();
    return letter;
  }
  void finish() override {}

 private:
  Post& post_;
  int rank_;
  int size_;
};

/// Three ranks, the first of which has a job of four segments.
class Ranks : public ::testing::Test {
 protected:
  static constexpr int kRanks = 3;

  Ranks() : folder_(::testing::TempDir() + "impasto_ranks"), job_(folder_) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/segments");
    for (const std::int64_t frames : {10, 40, 20, 30}) {
      plan_.segments.push_back({.frames = frames, .key = "key" + std::to_string(frames)});
    }
    for (int rank = 0; rank < kRanks; ++rank) {
      transports_.push_back(std::make_unique<MemoryTransport>(post_, rank, kRanks));
    }
    queue_ = std::make_unique<job::SegmentQueue>(job_, plan_, job::SegmentChoice(), kRetries, false,
                                                 true);
    book_ = std::make_unique<job::AttemptBook>(job_, plan_, progress_);
    coordinator_ = std::make_unique<Coordinator>(*transports_[0], kSilence, clock_);
    for (int rank = 1; rank < kRanks; ++rank) {
      participants_.push_back(
          std::make_unique<Participant>(*transports_.at(static_cast<std::size_t>(rank)),
                                        "host" + std::to_string(rank), kPatience, clock_));
    }
  }
  ~Ranks() override {
    book_->finish();
    std::filesystem::remove_all(folder_);
  }

  Participant& participant(int rank) {
    return *participants_.at(static_cast<std::size_t>(rank) - 1);
  }

  /// A second of all ranks.
  void turn() {
    now_ += 1s;
    for (const auto& participant : participants_) {
      participant->turn();
    }
    coordinator_->serve(*queue_, *book_);
    for (const auto& participant : participants_) {
      participant->turn();
    }
  }

  std::optional<std::size_t> next(int rank) {
    const std::optional<job::Task> task = participant(rank).next();
    return task ? std::optional(task->segment) : std::nullopt;
  }

  /// Asks for a segment and waits for the answer.
  std::optional<std::size_t> wait_for_next(int rank) {
    if (const auto segment = next(rank)) {
      return segment;
    }
    turn();
    return next(rank);
  }

  void end(int rank, std::size_t segment, job::Outcome::Kind how, int attempt = 1) {
    job::Outcome outcome;
    outcome.task = {
        .segment = segment, .frames = plan_.segments.at(segment).frames, .attempt = attempt};
    outcome.kind = how;
    outcome.error = "a reason";
    participant(rank).ended(outcome);
  }

  static constexpr int kRetries = 2;
  static constexpr auto kSilence = 10s;
  static constexpr auto kPatience = 100s;

  std::string folder_;
  job::JobFolder job_;
  job::Plan plan_;
  Progress progress_{ProgressMode::none};
  Post post_;
  Clock::time_point now_ = Clock::now();
  std::function<Clock::time_point()> clock_ = [this] { return now_; };
  std::vector<std::unique_ptr<MemoryTransport>> transports_;
  std::unique_ptr<job::SegmentQueue> queue_;
  std::unique_ptr<job::AttemptBook> book_;
  std::unique_ptr<Coordinator> coordinator_;
  std::vector<std::unique_ptr<Participant>> participants_;
};

TEST_F(Ranks, TheLongestSegmentsGoFirst) {
  EXPECT_EQ(wait_for_next(1), 1);
  EXPECT_EQ(wait_for_next(2), 3);
  EXPECT_EQ(queue_->next()->segment, 2);
  EXPECT_EQ(wait_for_next(1), 0);
  EXPECT_EQ(wait_for_next(2), std::nullopt);
}

TEST_F(Ranks, AWishIsMetOnceHoweverOftenItIsSaid) {
  EXPECT_EQ(next(1), std::nullopt);
  turn();
  turn();
  turn();
  EXPECT_EQ(queue_->size(), 3);
  EXPECT_EQ(next(1), 1);
  EXPECT_EQ(next(1), std::nullopt);
}

TEST_F(Ranks, AllIsOverWhenAllIsPainted) {
  for (int i = 0; i < 4; ++i) {
    const std::optional<std::size_t> segment = wait_for_next(1);
    ASSERT_TRUE(segment);
    EXPECT_FALSE(queue_->over());
    participant(1).advanced(25 * std::int64_t{i + 1});
    end(1, *segment, job::Outcome::Kind::done);
  }
  turn();
  EXPECT_TRUE(queue_->over());
  EXPECT_EQ(queue_->painted(), 4);
  EXPECT_EQ(queue_->painted_frames(), 100);
  EXPECT_EQ(coordinator_->frames(), 100);
}

TEST_F(Ranks, WhatFailedIsTriedElsewhere) {
  EXPECT_EQ(wait_for_next(1), 1);
  end(1, 1, job::Outcome::Kind::failed);
  EXPECT_EQ(wait_for_next(1), 3);
  EXPECT_EQ(wait_for_next(2), 2);
  end(1, 3, job::Outcome::Kind::done);
  end(2, 2, job::Outcome::Kind::done);
  EXPECT_EQ(wait_for_next(1), 0);  // rather than what failed there
  const std::optional<job::Task> again = queue_->next(2);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->segment, 1);
  EXPECT_EQ(again->attempt, 2);
}

TEST_F(Ranks, TheSilentLoseWhatTheyHad) {
  EXPECT_EQ(wait_for_next(1), 1);
  post_.cut_off.insert(1);
  for (int i = 0; i < 12; ++i) {
    turn();
  }
  EXPECT_EQ(queue_->size(), 4);
  EXPECT_EQ(queue_->next(2)->segment, 3);  // what has failed comes last
  post_.cut_off.clear();
  EXPECT_EQ(wait_for_next(1), 2);  // it is back
  // It has painted it all the same; somebody else has it to do.
  end(1, 1, job::Outcome::Kind::done);
  turn();
  EXPECT_EQ(queue_->painted(), 0);
}

TEST_F(Ranks, WhoeverLeavesGivesBackUnblamed) {
  EXPECT_EQ(wait_for_next(1), 1);
  participant(1).leave();
  turn();
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(queue_->next(2)->segment, 1);
  }
  const std::optional<job::Task> again = queue_->next(2);
  EXPECT_EQ(again->segment, 1);
  EXPECT_EQ(again->attempt, 2);
  EXPECT_EQ(again->counted(), 1);
}

TEST_F(Ranks, WhoeverCannotPaintGetsNothing) {
  participant(1).refuse(Error(ExitCode::bad_input, "the film is not there"));
  EXPECT_EQ(wait_for_next(1), std::nullopt);
  EXPECT_TRUE(coordinator_->can_paint());
  participant(2).refuse(Error(ExitCode::bad_input, "the film is not there"));
  turn();
  EXPECT_FALSE(coordinator_->can_paint());
}

TEST_F(Ranks, ARankWithoutTheFirstEndsByItself) {
  EXPECT_EQ(wait_for_next(1), 1);
  post_.cut_off.insert(0);
  for (int i = 0; i < 99; ++i) {
    turn();
  }
  EXPECT_FALSE(participant(1).over());
  turn();
  turn();
  EXPECT_TRUE(participant(1).over());
  EXPECT_TRUE(participant(1).is_cut_off());
  EXPECT_FALSE(participant(1).ends_with_all());
}

}  // namespace
}  // namespace impasto::launch
