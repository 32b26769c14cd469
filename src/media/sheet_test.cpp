#include "media/sheet.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace impasto::media {
namespace {

float& at(Picture& picture, int channel, int x, int y) {
  return picture.plane(channel)[static_cast<std::size_t>(y) * picture.stride() + x];
}

Picture filled(Size size, float value) {
  Picture picture(size);
  std::fill_n(picture.data(), 3 * picture.plane_size(), value);
  return picture;
}

Picture ramp(Size size) {
  Picture picture(size);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      at(picture, 0, x, y) = static_cast<float>(x);
      at(picture, 1, x, y) = static_cast<float>(y);
      at(picture, 2, x, y) = static_cast<float>(x + y);
    }
  }
  return picture;
}

TEST(Scaled, halving_averages_each_two_by_two_block) {
  Picture half = scaled(ramp({40, 20}), {20, 10});
  EXPECT_EQ(half.size(), (Size{20, 10}));
  EXPECT_FLOAT_EQ(at(half, 0, 3, 2), 6.5F);
  EXPECT_FLOAT_EQ(at(half, 1, 3, 2), 4.5F);
  EXPECT_FLOAT_EQ(at(half, 2, 19, 9), 38.5F + 18.5F);
}

TEST(Scaled, uneven_factors_weigh_pixels_by_their_share) {
  Picture three = scaled(ramp({5, 5}), {3, 5});
  EXPECT_NEAR(at(three, 0, 0, 0), (0 * 1 + 1 * 2.0 / 3) / (5.0 / 3), 1e-5);
  EXPECT_NEAR(at(three, 0, 1, 0), 2, 1e-5);
  EXPECT_NEAR(at(three, 0, 2, 0), (4 * 1 + 3 * 2.0 / 3) / (5.0 / 3), 1e-5);
}

TEST(Scaled, no_size_shifts_or_fades_a_picture) {
  for (const Size size : {Size{7, 3}, {33, 61}, {100, 50}, {101, 49}, {250, 201}, {1, 1}}) {
    Picture even = scaled(filled({100, 50}, 0.25F), size);
    Picture slope = scaled(ramp({100, 50}), size);
    float middle = 0;
    for (int x = 0; x < size.width; ++x) {
      EXPECT_NEAR(at(even, 2, x, size.height - 1), 0.25F, 1e-5);
      middle += at(slope, 0, x, 0) / static_cast<float>(size.width);
    }
    EXPECT_NEAR(middle, 49.5F, 1e-2) << to_string(size);
  }
}

TEST(Scaled, enlarging_is_smooth) {
  Picture large = scaled(ramp({4, 4}), {16, 16});
  EXPECT_FLOAT_EQ(at(large, 0, 0, 8), 0);
  EXPECT_FLOAT_EQ(at(large, 0, 15, 8), 3);
  EXPECT_NEAR(at(large, 0, 8, 8) - at(large, 0, 7, 8), 0.25F, 1e-5);
}

TEST(Scaled, impossible_sizes_are_bugs) {
  EXPECT_THROW(scaled(filled({8, 8}, 0), {0, 4}), Error);
  EXPECT_THROW(scaled(Picture(), {4, 4}), Error);
}

TEST(Sheet, pictures_stand_in_rows_with_equal_margins) {
  const Picture white = filled({160, 90}, 1);
  const std::vector<SheetCell> row{{&white, ""}, {&white, ""}, {&white, ""}};
  Picture sheet = make_sheet({row, row}, 160, "");
  ASSERT_EQ(sheet.size(), (Size{10 + 160 + 5 + 160 + 5 + 160 + 10, 10 + 90 + 5 + 90 + 10}));
  const float ground = at(sheet, 0, 0, 0);
  EXPECT_LT(ground, 0.2F);
  for (const auto& [x, y, seen] : {std::tuple{9, 10, ground},
                                   {10, 10, 1.0F},
                                   {169, 99, 1.0F},
                                   {170, 50, ground},
                                   {175, 50, 1.0F},
                                   {50, 100, ground},
                                   {50, 105, 1.0F},
                                   {499, 194, 1.0F},
                                   {500, 194, ground},
                                   {499, 195, ground}}) {
    EXPECT_EQ(at(sheet, 1, x, y), seen) << x << ',' << y;
  }
}

TEST(Sheet, title_and_labels_take_their_own_room_and_never_cover_a_picture) {
  const Picture white = filled({320, 180}, 1);
  Picture bare = make_sheet({{{&white, ""}, {&white, ""}}}, 320, "");
  Picture told = make_sheet({{{&white, "00:00:01.0"}, {&white, "00:00:02.0"}}}, 320, "clip.mp4");
  EXPECT_EQ(told.size().width, bare.size().width);
  EXPECT_GT(told.size().height, bare.size().height + 20);
  const int last = told.size().height - 1;
  for (int y = 0; y < 180; ++y) {
    ASSERT_EQ(at(told, 0, 100, last - 20 - y), 1) << y;
  }
}

TEST(Sheet, missing_pictures_leave_their_place_empty) {
  const Picture white = filled({160, 90}, 1);
  Picture sheet =
      make_sheet({{{&white, ""}, {&white, ""}}, {{nullptr, "none"}, {&white, ""}}}, 160, "");
  const int bottom = sheet.size().height - 11;
  EXPECT_LT(at(sheet, 0, 50, bottom), 0.2F);
  EXPECT_EQ(at(sheet, 0, 200, bottom), 1);
}

TEST(Sheet, rows_of_other_shapes_keep_their_aspect) {
  const Picture wide = filled({160, 40}, 1);
  const Picture tall = filled({90, 160}, 1);
  const Picture sheet = make_sheet({{{&wide, ""}}, {{&tall, ""}}}, 160, "");
  EXPECT_EQ(sheet.size().height, 10 + 40 + 5 + 284 + 10);
}

TEST(Sheet, a_sheet_of_nothing_is_a_bug) {
  EXPECT_THROW(make_sheet({}, 160, "Title"), Error);
  EXPECT_THROW(make_sheet({{{nullptr, ""}}}, 160, ""), Error);
}

}  // namespace
}  // namespace impasto::media
