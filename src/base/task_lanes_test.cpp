#include "base/task_lanes.h"

#include <gmock/gmock.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace impasto {
namespace {

using ::testing::ElementsAre;

TEST(TaskLanes, keep_the_order_of_a_lane) {
  std::vector<int> done;
  TaskLanes lanes(3);
  for (int i = 0; i < 4; ++i) {
    lanes.add(7, [&done, i] { done.push_back(i); });
  }
  lanes.finish();
  EXPECT_THAT(done, ElementsAre(0, 1, 2, 3));
}

TEST(TaskLanes, run_side_by_side) {
  using std::chrono::milliseconds;
  const auto begun = std::chrono::steady_clock::now();
  {
    TaskLanes lanes(8);
    for (std::size_t i = 0; i < 8; ++i) {
      lanes.add(i, [] { std::this_thread::sleep_for(milliseconds(400)); });
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(2400)) << "and are waited for";
}

TEST(TaskLanes, throw_a_failure_once) {
  TaskLanes lanes(2);
  lanes.add(0, [] { throw std::runtime_error("full"); });
  EXPECT_THROW(lanes.finish(), std::runtime_error);
  int done = 0;
  lanes.add(0, [&done] { ++done; });
  lanes.finish();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace impasto
