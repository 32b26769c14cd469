#include "temporal/flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "temporal/test_pictures.h"

namespace impasto::temporal {
namespace {

Brightness bright(const Picture& picture) { return brightness_of(picture, picture.size()); }

/// The middle value of how far a field is from (dx, dy), a margin left out.
double median_error(const FlowField& flow, double dx, double dy) {
  constexpr int kMargin = 16;
  std::vector<double> errors;
  for (int y = kMargin; y < flow.size.height - kMargin; ++y) {
    for (int x = kMargin; x < flow.size.width - kMargin; ++x) {
      const std::size_t i =
          static_cast<std::size_t>(y) * static_cast<std::size_t>(flow.size.width) +
          static_cast<std::size_t>(x);
      errors.push_back(std::hypot(flow.dx[i] - dx, flow.dy[i] - dy));
    }
  }
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
  std::nth_element(errors.begin(), middle, errors.end());
  return *middle;
}

TEST(Flow, is_sought_at_a_size_that_a_whole_number_divides) {
  EXPECT_EQ(working_size({1280, 720}, 640), (Size{640, 360}));
  EXPECT_EQ(working_size({1280, 720}, 480), (Size{427, 240}));
  EXPECT_EQ(working_size({300, 200}, 480), (Size{300, 200}));
  EXPECT_EQ(working_size({1, 4000}, 480), (Size{1, 445}));
  EXPECT_EQ(step_between({1280, 720}, {427, 240}), 3);
  EXPECT_EQ(step_between({1, 4000}, {1, 445}), 9);
}

TEST(Flow, brightness_is_the_mean_of_the_luma_a_cell_stands_for) {
  Picture picture = picture_of({3, 2}, [](int x, int) { return x == 0 ? 0.2 : 0.6; });
  picture.plane(0)[2] = 2;  // clipped only after the mean
  const Brightness small = brightness_of(picture, {2, 1});
  ASSERT_EQ(small.values.size(), 2U);
  EXPECT_EQ(small.values[0], std::lround(0.4 * 255));
  EXPECT_EQ(small.values[1], std::lround((0.6 + 0.299 * 1.4 / 2) * 255));
}

TEST(Flow, finds_a_picture_that_has_been_moved) {
  const Size size{160, 120};
  const Brightness here = bright(picture_of(size, [](int x, int y) { return blotches(x, y); }));
  const Brightness there =
      bright(picture_of(size, [](int x, int y) { return blotches(x - 3.0, y + 1.5); }));
  for (const FlowEffort effort :
       {FlowEffort::glance, FlowEffort::quick, FlowEffort::careful, FlowEffort::best}) {
    const double allowed = effort == FlowEffort::glance ? 0.5 : 0.15;
    EXPECT_LT(median_error(dense_flow(here, there, effort), 3, -1.5), allowed);
  }
}

TEST(Flow, is_the_same_each_time) {
  const Size size{64, 48};
  const Brightness here = bright(picture_of(size, [](int x, int y) { return random_at(x, y, 1); }));
  const Brightness there =
      bright(picture_of(size, [](int x, int y) { return random_at(x, y, 2); }));
  const FlowField once = dense_flow(here, there, FlowEffort::careful);
  const FlowField again = dense_flow(here, there, FlowEffort::careful);
  EXPECT_EQ(once.dx, again.dx);
  EXPECT_EQ(once.dy, again.dy);
}

TEST(Flow, of_tiny_pictures_is_nothing) {
  for (const Size size : {Size{1, 1}, Size{1, 300}, Size{300, 1}, Size{15, 15}, Size{16, 16}}) {
    const Brightness picture =
        bright(picture_of(size, [](int x, int y) { return random_at(x, y, 3); }));
    const FlowField flow = dense_flow(picture, picture, FlowEffort::quick);
    EXPECT_EQ(flow.dx, std::vector<float>(picture.values.size())) << to_string(size);
  }
}

TEST(Flow, is_found_in_long_and_low_pictures) {
  for (const Size size : {Size{300, 16}, Size{16, 300}, Size{33, 17}, Size{40, 31}}) {
    const Brightness here = bright(picture_of(size, [](int x, int y) { return blotches(x, y); }));
    for (const FlowEffort effort : {FlowEffort::glance, FlowEffort::quick, FlowEffort::best}) {
      const FlowField flow = dense_flow(here, here, effort);
      EXPECT_THAT(flow.dx, testing::Each(testing::FloatNear(0, 0.01F))) << to_string(size);
    }
  }
}

TEST(Flow, between_different_sizes_is_refused) {
  EXPECT_THROW(dense_flow({{2, 1}, {0, 0}}, {{1, 2}, {0, 0}}, FlowEffort::quick), Error);
}

TEST(Flow, places_are_seen_there_when_the_flow_back_leads_home) {
  const Size size{8, 1};
  FlowField there{size, std::vector<float>(8, 2), std::vector<float>(8)};
  FlowField back{size, std::vector<float>(8, -2), std::vector<float>(8)};
  back.dx[5] = 3;  // something else has come before what was at 3
  const std::vector<float> visible = visibility(there, back);
  EXPECT_THAT(visible, testing::ElementsAre(1, 1, 1, 0, 1, 1, 0, 0));  // 6 and 7 are outside
}

}  // namespace
}  // namespace impasto::temporal
