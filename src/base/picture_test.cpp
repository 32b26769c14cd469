#include "base/picture.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace impasto {
namespace {

TEST(Picture, stands_on_a_canvas_that_networks_can_halve_three_times) {
  EXPECT_EQ(canvas_for({1280, 720}), (Size{1280, 720}));
  EXPECT_EQ(canvas_for({427, 239}), (Size{432, 240}));
  EXPECT_EQ(canvas_for({1, 1}), (Size{32, 32}));
}

TEST(Picture, has_rows_on_64_byte_boundaries) {
  Picture picture({50, 3});
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(picture.plane(channel)) % 64, 0U);
  }
  EXPECT_EQ(picture.stride() * sizeof(float) % 64, 0U);
}

TEST(Picture, mirrors_its_edge_into_the_margin_without_repeating_it) {
  Picture picture({30, 30});
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < 30; ++y) {
      for (int x = 0; x < 30; ++x) {
        picture.plane(channel)[static_cast<std::size_t>(y) * picture.stride() + x] =
            static_cast<float>(100 * y + x + channel);
      }
    }
  }
  picture.mirror_into_margin();
  EXPECT_EQ(picture.canvas(), (Size{32, 32}));
  const float* red = picture.plane(0);
  EXPECT_FLOAT_EQ(red[30], 28.0F);
  EXPECT_FLOAT_EQ(red[31], 27.0F);
  EXPECT_FLOAT_EQ(red[30 * picture.stride()], 2800.0F);
  EXPECT_FLOAT_EQ(red[31 * picture.stride() + 31], 2727.0F);
}

TEST(Picture, mirrors_a_single_pixel_over_the_whole_canvas) {
  Picture picture({1, 1});
  for (int channel = 0; channel < 3; ++channel) {
    picture.plane(channel)[0] = 0.25F;
  }
  picture.mirror_into_margin();
  EXPECT_FLOAT_EQ(picture.plane(2)[31 * picture.stride() + 31], 0.25F);
}

}  // namespace
}  // namespace impasto
