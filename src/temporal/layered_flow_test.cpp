#include "temporal/layered_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>

#include "base/error.h"
#include "temporal/edge_filter.h"
#include "temporal/planes.h"
#include "temporal/test_pictures.h"

namespace impasto::temporal {
namespace {

/// Soft noise without an end, four pixels wide, that is nowhere the same.
float ground(double x, double y, int layer) {
  constexpr double kWidth = 4;
  const double column = std::floor(x / kWidth);
  const double line = std::floor(y / kWidth);
  const auto across = static_cast<float>(x / kWidth - column);
  const auto down = static_cast<float>(y / kWidth - line);
  const auto at = [&](int right, int below) {
    return random_at(static_cast<std::int64_t>(column) + right + 1000,
                     static_cast<std::int64_t>(line) + below + 1000, layer);
  };
  const float upper = at(0, 0) + across * (at(1, 0) - at(0, 0));
  const float lower = at(0, 1) + across * (at(1, 1) - at(0, 1));
  return upper + down * (lower - upper);
}

constexpr Size kSize{320, 180};

bool is_on_thing(double x, double y) { return x >= 120 && x < 200 && y >= 50 && y < 120; }

/// A ground that moves by (40, 6) and before it a thing that moves by (-25, 10).
Picture moving_scene(int frame) {
  return picture_of(kSize, [=](int x, int y) {
    const double back_x = x + 25 * frame;
    const double back_y = y - 10 * frame;
    return is_on_thing(back_x, back_y) ? 0.2F + 0.8F * ground(back_x, back_y, 7)
                                       : 0.7F * ground(x - 40 * frame, y - 6 * frame, 3);
  });
}

Textures textures(const Picture& picture) { return textures_of(picture, picture.size()); }

FlowBothWays flow_between(const Textures& here, const Textures& there) {
  return layered_flow(here, there, match(here, there));
}

/// The share of places of a rectangle whose flow is right to two pixels.
double share_right(const FlowField& flow, Size corner, Size size, float dx, float dy) {
  int right = 0;
  for (int y = corner.height; y < corner.height + size.height; ++y) {
    for (int x = corner.width; x < corner.width + size.width; ++x) {
      const std::size_t i =
          static_cast<std::size_t>(y) * static_cast<std::size_t>(flow.size.width) +
          static_cast<std::size_t>(x);
      right += std::hypot(flow.dx[i] - dx, flow.dy[i] - dy) < 2 ? 1 : 0;
    }
  }
  return right / static_cast<double>(size.width * size.height);
}

TEST(LayeredFlow, finds_far_motion_of_a_ground_and_of_a_thing_before_it) {
  const FlowBothWays flow = flow_between(textures(moving_scene(0)), textures(moving_scene(1)));
  EXPECT_GT(share_right(flow.there, {0, 130}, {270, 35}, 40, 6), 0.95);
  EXPECT_GT(share_right(flow.there, {210, 10}, {60, 150}, 40, 6), 0.9);
  EXPECT_GT(share_right(flow.there, {124, 54}, {72, 62}, -25, 10), 0.9);
  EXPECT_GT(share_right(flow.back, {50, 140}, {260, 35}, -40, -6), 0.95);
  EXPECT_GT(share_right(flow.back, {99, 64}, {72, 62}, 25, -10), 0.9);
}

TEST(LayeredFlow, knows_how_the_plain_part_of_a_plane_moves) {
  // As seen by a camera that comes nearer to a wall, whose middle is black.
  const auto wall = [](double scale) {
    return picture_of(kSize, [=](int x, int y) {
      const double wall_x = (x - 160) / scale;
      const double wall_y = (y - 90) / scale;
      const bool black = std::abs(wall_x) < 40 && std::abs(wall_y) < 40;
      return black ? 0.0F : ground(wall_x, wall_y, 5);
    });
  };
  const FlowBothWays flow = flow_between(textures(wall(1)), textures(wall(1.2)));
  const std::size_t left = 90U * kSize.width + 130;
  EXPECT_NEAR(flow.there.dx[left], -30 * 0.2, 0.7);
  EXPECT_NEAR(flow.there.dy[left], 0, 0.7);
}

TEST(LayeredFlow, is_the_same_each_time) {
  const Textures here = textures(moving_scene(0));
  const Textures there = textures(moving_scene(1));
  const FlowBothWays once = flow_between(here, there);
  const FlowBothWays again = flow_between(here, there);
  EXPECT_EQ(once.there.dx, again.there.dx);
  EXPECT_EQ(once.back.dy, again.back.dy);
}

TEST(LayeredFlow, of_what_stands_still_is_nothing) {
  for (const Size size : {Size{1, 1}, Size{15, 300}, Size{16, 16}, Size{17, 300}, Size{301, 33}}) {
    const Textures here = textures(picture_of(size, [](int x, int y) { return ground(x, y, 1); }));
    const FlowBothWays flow = flow_between(here, here);
    ASSERT_EQ(flow.there.size, size);
    EXPECT_THAT(flow.there.dx, testing::Each(testing::FloatNear(0, 0.5F))) << to_string(size);
    EXPECT_THAT(flow.back.dy, testing::Each(testing::FloatNear(0, 0.5F))) << to_string(size);
  }
}

TEST(LayeredFlow, of_pictures_without_anything_in_them_is_nothing) {
  const Textures grey = textures(picture_of(kSize, [](int, int) { return 0.5F; }));
  const FlowBothWays flow = flow_between(grey, grey);
  EXPECT_THAT(flow.there.dx, testing::Each(testing::FloatNear(0, 1)));
}

TEST(LayeredFlow, between_different_sizes_is_refused) {
  const Textures small = textures(Picture({20, 20}));
  const Textures large = textures(Picture({20, 21}));
  EXPECT_THROW(match(small, large), Error);
}

TEST(Planes, are_found_in_the_order_of_their_size) {
  Matches matches{{400, 200}, 4, {100, 50}, {}};
  for (int row = 0; row < 50; ++row) {
    for (int column = 0; column < 100; ++column) {
      const auto x = static_cast<float>(matches.x_of(column));
      const Match wall{0.1F * x, 5, true};
      const Match thing{-30, 2, true};
      const Match wrong{80 * random_at(column, row, 1) - 40, 80 * random_at(column, row, 2) - 40,
                        true};
      matches.places.push_back(random_at(column, row, 3) < 0.3F ? wrong
                               : column < 30                    ? thing
                                                                : wall);
    }
  }
  Matches none{{400, 200}, 4, {100, 50}, std::vector<Match>(5000)};
  const std::vector<PlaneMotion> planes = find_planes({matches, none});
  ASSERT_GE(planes.size(), 2U);
  EXPECT_NEAR(planes[0].moved(300, 100).x, 330, 0.5);
  EXPECT_NEAR(planes[0].moved(300, 100).y, 105, 0.5);
  EXPECT_NEAR(planes[1].moved(50, 20).x, 20, 0.5);
  EXPECT_NEAR(planes[0].turned().moved(330, 105).x, 300, 0.5);
}

TEST(EdgeFilter, spreads_over_areas_and_not_across_edges) {
  const Size size{40, 10};
  std::vector<std::uint8_t> colour;
  for (int i = 0; i < 400; ++i) {
    colour.insert(colour.end(), 3, i % 40 < 20 ? 30 : 200);
  }
  Volume<4> volume(size);
  volume.at(5 * 40 + 10)[1] = 1;
  EdgeFilter(colour, size, 10, 40).apply(volume);
  EXPECT_GT(volume.at(5 * 40 + 19)[1], 1e-4F);
  EXPECT_GT(volume.at(1 * 40 + 10)[1], 1e-4F);
  EXPECT_LT(volume.at(5 * 40 + 20)[1], 1e-6F);
  EXPECT_EQ(volume.at(5 * 40 + 19)[0], 0);
}

}  // namespace
}  // namespace impasto::temporal
