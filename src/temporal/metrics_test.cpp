#include "temporal/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "temporal/test_pictures.h"

namespace impasto::temporal {
namespace {

std::size_t count_of(Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

FlowField uniform(Size size, float dx, float dy) {
  const std::size_t count = count_of(size);
  return {size, std::vector<float>(count, dx), std::vector<float>(count, dy)};
}

std::vector<std::uint8_t> all_of(Size size) {
  std::vector<std::uint8_t> all(count_of(size), 1);
  return all;
}

TEST(Metrics, a_picture_that_only_moves_has_no_warping_error) {
  const Size size{40, 30};
  const Picture here = picture_of(size, [](int x, int y) { return random_at(x, y, 0); });
  const Picture there = picture_of(size, [](int x, int y) { return random_at(x - 3, y - 2, 0); });
  const Difference moved = warping_error(here, there, uniform(size, 3, 2), all_of(size));
  EXPECT_EQ(moved.squared, 0);
  EXPECT_EQ(moved.absolute, 0);
  EXPECT_EQ(moved.places, 37U * 28U);  // what has left the picture does not count
  EXPECT_GT(warping_error(here, there, uniform(size, 0, 0), all_of(size)).squared, 0.1);
}

TEST(Metrics, places_between_pixels_are_their_mean) {
  const Size size{3, 1};
  const Picture here = picture_of(size, [](int, int) { return 0.5; });
  const Picture there = picture_of(size, [](int x, int) { return 0.2 * x; });  // 0 0.2 0.4
  std::vector<std::uint8_t> first{1, 0, 0};
  const Difference one = warping_error(here, there, uniform(size, 0.25F, 0), first);
  EXPECT_NEAR(one.absolute, 0.45, 1e-6);  // 0.5 - 0.05
  EXPECT_NEAR(one.squared, 0.2025, 1e-6);
  EXPECT_EQ(one.places, 1U);
}

TEST(Metrics, what_is_covered_or_unknown_does_not_count) {
  const Size size{4, 1};
  const Picture here = picture_of(size, [](int, int) { return 0.0; });
  const Picture there = picture_of(size, [](int x, int) { return x == 1 ? 0.5 : 1.0; });
  FlowField flow = uniform(size, 0, 0);
  flow.dx[3] = std::numeric_limits<float>::quiet_NaN();
  const Difference rest = warping_error(here, there, flow, {0, 1, 0, 1});
  EXPECT_EQ(rest.places, 1U);
  EXPECT_NEAR(rest.squared, 0.25, 1e-7);
  EXPECT_EQ(warping_error(here, there, flow, {0, 0, 0, 1}).places, 0U);
  EXPECT_EQ(warping_error(here, there, flow, {0, 0, 0, 1}).squared, 0);
}

TEST(Metrics, flicker_is_the_change_of_still_places) {
  const Size size{2, 1};
  const Picture here = picture_of(size, [](int, int) { return 0.5; });
  Picture there = picture_of(size, [](int x, int) { return x == 0 ? 0.6 : 0.0; });
  there.plane(2)[0] = 0.5F;
  EXPECT_NEAR(flicker(here, there, {1, 0}).absolute, 0.2 / 3, 1e-6);
  EXPECT_NEAR(flicker(here, there, {1, 0}).squared, 0.02 / 3, 1e-6);
}

TEST(Metrics, places_are_still_that_neither_move_nor_change) {
  const Size size{30, 10};
  Brightness before{size, std::vector<std::uint8_t>(300, 100)};
  Brightness now = before;
  FlowField flow = uniform(size, 0, 0);
  for (std::size_t y = 0; y < 10U; ++y) {
    flow.dx[y * 30] = 0.5F;
    for (std::size_t x = 15; x < 30; ++x) {
      now.values[y * 30 + x] = 104;
    }
    now.values[y * 30 + 6] = y % 2 == 0 ? 103 : 97;  // noise
  }
  const std::vector<std::uint8_t> still = still_places(before, now, flow);
  EXPECT_EQ(still[150], 0);
  EXPECT_EQ(still[151], 1);
  EXPECT_EQ(still[156], 1);
  EXPECT_EQ(still[175], 0);
}

TEST(Metrics, sharpness_is_the_slope_of_brightness) {
  EXPECT_EQ(sharpness(picture_of({9, 9}, [](int, int) { return 0.7; })), 0);
  const double ramp = sharpness(picture_of({101, 5}, [](int x, int) { return 0.01 * x; }));
  EXPECT_NEAR(ramp, 0.01 * std::sqrt(100.0 / 101), 1e-6);
  EXPECT_EQ(sharpness(picture_of({1, 1}, [](int, int) { return 1; })), 0);
}

TEST(Metrics, a_grid_is_brought_to_the_picture) {
  const auto cells = enlarged(std::vector<std::uint8_t>{1, 2}, {2, 1}, {3, 2});
  EXPECT_THAT(cells, testing::ElementsAre(1, 1, 2, 1, 1, 2));
  const FlowField flow = enlarged(FlowField{{2, 1}, {0, 1}, {3, 3}}, {4, 2});
  EXPECT_THAT(flow.dx, testing::ElementsAre(0, 0.5F, 1.5F, 2, 0, 0.5F, 1.5F, 2));
  EXPECT_THAT(flow.dy, testing::Each(6));
}

TEST(Metrics, different_sizes_are_refused) {
  const Picture one = picture_of({2, 2}, [](int, int) { return 0; });
  const Picture other = picture_of({3, 2}, [](int, int) { return 0; });
  EXPECT_THROW(flicker(one, other, all_of({2, 2})), Error);
  EXPECT_THROW(warping_error(one, other, uniform({2, 2}, 0, 0), all_of({2, 2})), Error);
  EXPECT_THROW(warping_error(one, one, uniform({3, 2}, 0, 0), all_of({2, 2})), Error);
}

}  // namespace
}  // namespace impasto::temporal
