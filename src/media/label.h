#pragma once

#include <string>
#include <string_view>

#include "base/picture.h"

namespace impasto::media {

/// A colour in the picture's own values, 0..1.
struct Ink {
  float red = 0;
  float green = 0;
  float blue = 0;
};

/// Width in pixels of a line of UTF-8 text whose capitals are `cap_height` pixels high. Accents
/// are left out; letters that the font lacks are shown as small squares.
int text_width(std::string_view text, int cap_height);

/// Pixels that tails as of "g" hang below the line.
int text_descent(int cap_height);

/// The text, or its beginning and "..." when it is wider than `width` pixels.
std::string fitted_text(std::string_view text, int cap_height, int width);

/// Draws a line of text; its capitals reach from row `top` to row `top + cap_height`. What falls
/// outside of the visible picture is left out.
void draw_text(Picture& picture, int left, int top, std::string_view text, int cap_height,
               const Ink& ink);

}  // namespace impasto::media
