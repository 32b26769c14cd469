#include "media/label.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "media/label_font.h"

namespace impasto::media {
namespace {

constexpr float kGridCaps = 12;     // see label_font.h
constexpr float kLetterGap = 2.9F;  // between letters, in units of the grid
constexpr float kPenWidth = 1.45F;  // in units of the grid
constexpr float kThinnestPen = 1;   // in pixels; below it strokes turn to grey
constexpr int kCurveSteps = 6;

struct Point {
  float x = 0;
  float y = 0;
};

struct Segment {
  Point from;
  Point to;
};

Point between(const Point& a, const Point& b) { return {(a.x + b.x) / 2, (a.y + b.y) / 2}; }

/// U+00C0..U+00FF without their accents: painters' names have many, the font has none.
constexpr std::string_view kUnaccented =
    "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty";

char32_t without_accent(char32_t code) {
  if (code >= 0xC0 && code <= 0xFF) {
    return static_cast<unsigned char>(kUnaccented[code - 0xC0]);
  }
  switch (code) {
    case U'\u2013':  // en dash
    case U'\u2014':  // em dash
      return U'-';
    case U'\u2018':
    case U'\u2019':
      return U'\'';
    case U'\u201C':
    case U'\u201D':
      return U'"';
    default:
      return code;
  }
}

/// The letters to draw for UTF-8 text; bytes that are no UTF-8 come out as some other letter.
std::vector<char32_t> letters_of(std::string_view text) {
  std::vector<char32_t> letters;
  letters.reserve(text.size());
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x80) {
      letters.push_back(value);
    } else if (value >= 0xC0) {  // the first of several bytes: drop the bits that count them
      letters.push_back(value & (value >= 0xF0 ? 0x07U : value >= 0xE0 ? 0x0FU : 0x1FU));
    } else if (!letters.empty()) {
      letters.back() = letters.back() << 6U | (value & 0x3FU);
    }
  }
  std::transform(letters.begin(), letters.end(), letters.begin(), without_accent);
  return letters;
}

std::vector<Point> parse_points(std::string_view stroke) {
  std::vector<Point> points;
  const char* at = stroke.data();
  const char* end = at + stroke.size();
  while (at != end) {
    if (*at == ' ') {
      ++at;
      continue;
    }
    Point point;
    at = std::from_chars(at, end, point.x).ptr;
    at = std::from_chars(at + 1, end, point.y).ptr;  // + 1: the comma
    points.push_back(point);
  }
  return points;
}

void add_curve(const Point& from, const Point& steer, const Point& to,
               std::vector<Segment>& segments) {
  Point last = from;
  for (int step = 1; step <= kCurveSteps; ++step) {
    const float t = static_cast<float>(step) / kCurveSteps;
    const float a = (1 - t) * (1 - t);
    const float b = 2 * t * (1 - t);
    const float c = t * t;
    const Point next{a * from.x + b * steer.x + c * to.x, a * from.y + b * steer.y + c * to.y};
    segments.push_back({last, next});
    last = next;
  }
}

void add_stroke(std::string_view stroke, std::vector<Segment>& segments) {
  const char kind = stroke.front();
  const bool smooth = kind == '~' || kind == 'o';
  const std::vector<Point> points = parse_points(smooth ? stroke.substr(1) : stroke);
  const std::size_t count = points.size();
  if (kind == 'o') {
    for (std::size_t i = 0; i < count; ++i) {
      const Point& steer = points[(i + 1) % count];
      add_curve(between(points[i], steer), steer, between(steer, points[(i + 2) % count]),
                segments);
    }
  } else if (kind == '~') {
    for (std::size_t i = 1; i + 1 < count; ++i) {
      const Point from = i == 1 ? points[0] : between(points[i - 1], points[i]);
      const Point to = i + 2 == count ? points[i + 1] : between(points[i], points[i + 1]);
      add_curve(from, points[i], to, segments);
    }
  } else {
    for (std::size_t i = 1; i < count; ++i) {
      segments.push_back({points[i - 1], points[i]});
    }
  }
}

std::vector<Segment> segments_of(const Glyph& glyph) {
  std::vector<Segment> segments;
  std::string_view rest = glyph.strokes;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    std::string_view stroke = rest.substr(0, end);
    stroke.remove_prefix(std::min(stroke.find_first_not_of(' '), stroke.size()));
    add_stroke(stroke, segments);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return segments;
}

float distance(const Point& point, const Segment& segment) {
  const float dx = segment.to.x - segment.from.x;
  const float dy = segment.to.y - segment.from.y;
  const float length = dx * dx + dy * dy;
  const float along =
      length == 0
          ? 0
          : std::clamp(((point.x - segment.from.x) * dx + (point.y - segment.from.y) * dy) / length,
                       0.0F, 1.0F);
  return std::hypot(point.x - segment.from.x - along * dx, point.y - segment.from.y - along * dy);
}

/// Whole pixels, so that equal letters look equal wherever they stand.
int advance_of(const Glyph& glyph, float unit) {
  return static_cast<int>(std::lround((glyph.width + kLetterGap) * unit));
}

void blend(Picture& picture, int x, int y, float share, const Ink& ink) {
  const std::size_t index = static_cast<std::size_t>(y) * picture.stride() + x;
  float* const red = picture.plane(0) + index;
  float* const green = picture.plane(1) + index;
  float* const blue = picture.plane(2) + index;
  *red += (ink.red - *red) * share;
  *green += (ink.green - *green) * share;
  *blue += (ink.blue - *blue) * share;
}

/// Draws a letter whose left edge is at `left` and whose baseline is the lower edge of row
/// `baseline - 1`, by the distance of each pixel's middle from the strokes.
void draw_glyph(Picture& picture, int left, int baseline, const Glyph& glyph, float unit,
                const Ink& ink) {
  const std::vector<Segment> segments = segments_of(glyph);
  const float pen = std::max(kThinnestPen, kPenWidth * unit);
  // The strokes' middles stay half a pen inside, so that capitals are exactly as high as asked.
  const float scale = (kGridCaps * unit - pen) / kGridCaps;
  const int reach = static_cast<int>(std::ceil(pen));
  const int right = left + static_cast<int>(std::ceil(glyph.width * unit)) + reach;
  const int top = baseline - static_cast<int>(std::ceil(14 * unit)) - reach;
  const int bottom = baseline + static_cast<int>(std::ceil(4.5F * unit)) + reach;
  for (int y = std::max(0, top); y < std::min(bottom, picture.size().height); ++y) {
    for (int x = std::max(0, left - reach); x < std::min(right, picture.size().width); ++x) {
      const float over = static_cast<float>(baseline - y) - 0.5F - pen / 2;
      const float beside = static_cast<float>(x - left) + 0.5F - pen / 2;
      const Point middle{beside / scale, over / scale};
      float nearest = pen;
      for (const Segment& segment : segments) {
        nearest = std::min(nearest, distance(middle, segment) * scale);
      }
      const float share = std::clamp(pen / 2 - nearest + 0.5F, 0.0F, 1.0F);
      if (share > 0) {
        blend(picture, x, y, share, ink);
      }
    }
  }
}

float unit_of(int cap_height) { return static_cast<float>(cap_height) / kGridCaps; }

}  // namespace

int text_width(std::string_view text, int cap_height) {
  int width = 0;
  for (const char32_t letter : letters_of(text)) {
    width += advance_of(glyph_of(letter), unit_of(cap_height));
  }
  return width;
}

int text_descent(int cap_height) { return static_cast<int>(std::ceil(4.5F * unit_of(cap_height))); }

std::string fitted_text(std::string_view text, int cap_height, int width) {
  if (text_width(text, cap_height) <= width) {
    return std::string(text);
  }
  std::string fitted(text);
  while (!fitted.empty() && text_width(fitted + "...", cap_height) > width) {
    while (!fitted.empty() && (static_cast<unsigned char>(fitted.back()) & 0xC0U) == 0x80U) {
      fitted.pop_back();
    }
    if (!fitted.empty()) {
      fitted.pop_back();
    }
  }
  return fitted.empty() ? fitted : fitted + "...";
}

void draw_text(Picture& picture, int left, int top, std::string_view text, int cap_height,
               const Ink& ink) {
  const float unit = unit_of(cap_height);
  for (const char32_t letter : letters_of(text)) {
    const Glyph& glyph = glyph_of(letter);
    draw_glyph(picture, left, top + cap_height, glyph, unit, ink);
    left += advance_of(glyph, unit);
  }
}

}  // namespace impasto::media
