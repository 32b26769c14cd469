#pragma once

#include <string_view>

namespace impasto::media {

/// A letter as strokes of a round pen on a grid: baseline at 0, small letters 8 high, capitals 12,
/// descenders down to -4. `strokes` are points "x,y" with spaces between them, strokes with ';'
/// between them. A plain stroke is a polyline. After '~' the points steer a smooth line (a
/// quadratic B-spline that begins at the first point and ends at the last), after 'o' a smooth
/// closed one.
struct Glyph {
  float width;
  std::string_view strokes;
};

/// The letter of an ASCII code 32..126; a small square for any other.
const Glyph& glyph_of(char32_t code);

}  // namespace impasto::media
