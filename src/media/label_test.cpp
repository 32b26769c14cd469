#include "media/label.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "media/label_font.h"

namespace impasto::media {
namespace {

constexpr Ink kWhite{1, 1, 1};

Picture black(Size size) {
  Picture picture(size);
  std::fill_n(picture.data(), 3 * picture.plane_size(), 0.0F);
  return picture;
}

/// Sum of the red values of a rectangle: how much ink lies in it.
float ink_in(const Picture& picture, int left, int top, int right, int bottom) {
  float sum = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      sum += picture.plane(0)[static_cast<std::size_t>(y) * picture.stride() + x];
    }
  }
  return sum;
}

TEST(Label, every_ascii_letter_is_drawn_and_no_two_look_alike) {
  std::vector<std::vector<float>> drawn;
  for (char letter = '!'; letter <= '~'; ++letter) {
    Picture picture = black({32, 32});
    draw_text(picture, 6, 8, std::string(1, letter), 16, kWhite);
    EXPECT_GT(ink_in(picture, 0, 0, 32, 32), 3) << letter;
    drawn.emplace_back(picture.plane(0), picture.plane(0) + picture.plane_size());
  }
  std::sort(drawn.begin(), drawn.end());
  EXPECT_EQ(std::adjacent_find(drawn.begin(), drawn.end()), drawn.end());
}

TEST(Label, capitals_fill_the_height_that_was_asked_for) {
  Picture picture = black({64, 64});
  draw_text(picture, 10, 20, "H", 20, kWhite);
  EXPECT_GT(ink_in(picture, 0, 20, 64, 21), 1);
  EXPECT_GT(ink_in(picture, 0, 39, 64, 40), 1);
  EXPECT_EQ(ink_in(picture, 0, 0, 64, 20), 0);
  EXPECT_EQ(ink_in(picture, 0, 40, 64, 64), 0);
}

TEST(Label, time_codes_do_not_jump_from_digit_to_digit) {
  for (char digit = '0'; digit <= '9'; ++digit) {
    EXPECT_EQ(text_width(std::string(1, digit), 10), text_width("0", 10));
  }
}

TEST(Label, text_stays_within_its_width_and_descent) {
  const std::string text = "jgpqy: (Quick) Brown Fox, 00:01:23.4";
  const int width = text_width(text, 12);
  Picture picture = black({width + 40, 60});
  draw_text(picture, 20, 20, text, 12, kWhite);
  EXPECT_EQ(ink_in(picture, 0, 0, 19, 60), 0);
  EXPECT_EQ(ink_in(picture, 20 + width, 0, width + 40, 60), 0);
  EXPECT_EQ(ink_in(picture, 0, 32 + text_descent(12), width + 40, 60), 0);
}

TEST(Label, accents_are_left_out_and_unknown_letters_are_squares) {
  EXPECT_EQ(text_width("Cézanne – “Äpfel”", 12), text_width("Cezanne - \"Apfel\"", 12));
  EXPECT_EQ(text_width("富士", 12), 2 * text_width("富", 12));
  EXPECT_EQ(&glyph_of(U'富'), &glyph_of(U'\u00b5'));
}

TEST(Label, text_that_is_too_wide_ends_in_dots) {
  const std::string text = "a-rather-long-style-name-é";
  EXPECT_EQ(fitted_text(text, 10, text_width(text, 10)), text);
  const std::string cut = fitted_text(text, 10, 90);
  EXPECT_LE(text_width(cut, 10), 90);
  EXPECT_EQ(cut.substr(cut.size() - 3), "...");
  EXPECT_EQ(fitted_text(text, 10, 2), "");
}

TEST(Label, text_over_the_edge_is_clipped) {
  Picture picture = black({40, 40});
  draw_text(picture, -10, -5, "Edge", 20, kWhite);
  draw_text(picture, 30, 35, "Edge", 20, kWhite);
  EXPECT_GT(ink_in(picture, 0, 0, 40, 40), 0);
  EXPECT_EQ(ink_in(picture, 40, 0, static_cast<int>(picture.stride()), 40), 0);
}

}  // namespace
}  // namespace impasto::media
