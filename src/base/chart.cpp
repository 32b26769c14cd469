#include "base/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "base/error.h"

namespace impasto {
namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 540;
constexpr double kLeft = 84;
constexpr double kRight = 24;
constexpr double kBottom = 56;
constexpr double kLetterWidth = 7.2;  ///< Of 13-pixel sans serif, on average, for the legend.
constexpr std::size_t kMostPoints = 1000;
constexpr std::size_t kFewPoints = 40;  ///< That are marked one by one.

/// Told apart by most colour-blind eyes too (after Okabe and Ito); on white and on black.
constexpr std::array<std::string_view, 8> kOnWhite{"#0072b2", "#d55e00", "#009e73", "#b2528b",
                                                   "#c08a00", "#4a4a4a", "#3b9bd0", "#7a5230"};
constexpr std::array<std::string_view, 8> kOnBlack{"#56b4e9", "#f08a4b", "#35c79b", "#e19cc4",
                                                   "#f0c04a", "#c8c8c8", "#8fd0ff", "#c79a6b"};

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

// ---- Axes ----

bool shows(const Axis& axis, double value) {
  return std::isfinite(value) && (!axis.logarithmic || value > 0);
}

/// An axis with its range and the pixels it lies between.
struct Scale {
  Axis axis;
  double least = 0;
  double most = 1;
  double from = 0;
  double to = 1;
  std::vector<double> ticks;

  [[nodiscard]] double place(double value) const {
    const double share = axis.logarithmic ? std::log(value / least) / std::log(most / least)
                                          : (value - least) / (most - least);
    return from + share * (to - from);
  }
};

/// 1, 2 or 5 times a power of ten, so that a range has about `count` steps.
double round_step(double range, int count) {
  const double rough = range / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double lead = rough / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

void set_linear_ticks(Scale& scale, int count, bool whole_steps) {
  const double step = round_step(scale.most - scale.least, count);
  const double first = std::floor(scale.least / step + 1e-9);
  const double last = std::ceil(scale.most / step - 1e-9);
  if (whole_steps) {
    scale.least = first * step;
    scale.most = last * step;
  }
  for (int i = 0; i <= std::lround(last - first); ++i) {
    const double tick = (first + i) * step;
    if (tick >= scale.least - step * 1e-6 && tick <= scale.most + step * 1e-6) {
      scale.ticks.push_back(tick == 0 ? 0 : tick);  // no minus zero
    }
  }
}

void set_logarithmic_ticks(Scale& scale) {
  const bool fine = std::log10(scale.most / scale.least) < 3;
  const double first = std::floor(std::log10(scale.least));
  const double last = std::floor(std::log10(scale.most * 1.0001));
  for (int i = 0; i <= std::lround(last - first); ++i) {
    for (const double lead : {1.0, 2.0, 5.0}) {
      const double tick = lead * std::pow(10.0, first + i);
      if ((fine || lead == 1.0) && tick >= scale.least * 0.9999 && tick <= scale.most * 1.0001) {
        scale.ticks.push_back(tick);
      }
    }
  }
}

/// `values(series)` are those along the axis; `whole_steps` lets it end on ticks.
template <typename Values>
Scale make_scale(const Chart& chart, const Axis& axis, const Values& values, bool whole_steps) {
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (const Series& series : chart.series) {
    for (const double value : values(series)) {
      if (shows(axis, value)) {
        least = std::min(least, value);
        most = std::max(most, value);
      }
    }
  }
  if (!(least <= most)) {  // nothing to show
    least = axis.logarithmic ? 1 : 0;
    most = axis.logarithmic ? 10 : 1;
  }
  if (axis.from_zero && !axis.logarithmic) {
    least = std::min(least, 0.0);
    most = std::max(most, 0.0);
  }
  if (least == most) {
    const double room = axis.logarithmic ? 0 : std::max(std::abs(least) / 2, 0.5);
    least = axis.logarithmic ? least / 2 : least - room;
    most = axis.logarithmic ? most * 2 : most + room;
  }
  Scale scale;
  scale.axis = axis;
  scale.least = least;
  scale.most = most;
  if (axis.logarithmic) {
    if (whole_steps) {  // some air above and below
      const double air = std::pow(most / least, 0.04);
      scale.least /= air;
      scale.most *= air;
    }
    set_logarithmic_ticks(scale);
  } else {
    set_linear_ticks(scale, whole_steps ? 6 : 9, whole_steps);
  }
  return scale;
}

// ---- Lines ----

struct Point {
  double x = 0;
  double y = 0;  ///< NaN: the line is broken here.
};

std::vector<Point> points_of(const Series& series, const Scale& x, const Scale& y) {
  if (series.x.size() != series.y.size()) {
    throw Error(ExitCode::bug, fmt::format("the chart's line \"{}\" has {} places and {} values",
                                           series.name, series.x.size(), series.y.size()));
  }
  std::vector<Point> points;
  points.reserve(series.x.size());
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (shows(x.axis, series.x[i])) {
      const bool good = shows(y.axis, series.y[i]);
      points.push_back({series.x[i], good ? series.y[i] : std::nan("")});
    }
  }
  return points;
}

/// Each point the mean of those within half of `window` on both sides.
std::vector<Point> smoothed(const std::vector<Point>& points, double window) {
  std::vector<Point> result(points);
  std::size_t begin = 0;
  std::size_t end = 0;
  double sum = 0;
  std::size_t count = 0;
  const auto take = [&](const Point& point, int sign) {
    if (!std::isnan(point.y)) {
      sum += sign * point.y;
      count += static_cast<std::size_t>(sign);
    }
  };
  for (Point& point : result) {
    for (; end < points.size() && points[end].x <= point.x + window / 2; ++end) {
      take(points[end], 1);
    }
    for (; begin < end && points[begin].x < point.x - window / 2; ++begin) {
      take(points[begin], -1);
    }
    point.y = count > 0 && !std::isnan(point.y) ? sum / static_cast<double>(count) : std::nan("");
  }
  return result;
}

/// Of each group of neighbours the lowest and the highest, so that noise stays as wide as it is.
std::vector<Point> thinned(const std::vector<Point>& points) {
  const std::size_t group = (2 * points.size() + kMostPoints - 1) / kMostPoints;
  if (group <= 2) {
    return points;
  }
  std::vector<Point> result;
  const auto lower = [](const Point& a, const Point& b) { return a.y < b.y || std::isnan(b.y); };
  const auto higher = [](const Point& a, const Point& b) { return a.y > b.y || std::isnan(b.y); };
  for (std::size_t begin = 0; begin < points.size(); begin += group) {
    const auto first = points.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last =
        points.begin() + static_cast<std::ptrdiff_t>(std::min(points.size(), begin + group));
    const auto lowest = std::min_element(first, last, lower);
    const auto highest = std::min_element(first, last, higher);
    result.push_back(*std::min(lowest, highest));
    result.push_back(*std::max(lowest, highest));
  }
  return result;
}

std::string path_of(const std::vector<Point>& points, const Scale& x, const Scale& y) {
  std::string path;
  bool broken = true;
  for (const Point& point : points) {
    if (std::isnan(point.y)) {
      broken = true;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", broken ? "M" : "L", x.place(point.x), y.place(point.y));
    broken = false;
  }
  return path;
}

std::string lines_of(const Series& series, std::size_t colour, const Chart& chart, const Scale& x,
                     const Scale& y) {
  const std::vector<Point> points = points_of(series, x, y);
  std::string svg;
  std::vector<Point> line = points;
  if (chart.smoothing > 0) {
    svg += fmt::format("<path class=\"noise c{}\" d=\"{}\"/>\n", colour,
                       path_of(thinned(points), x, y));
    line = smoothed(points, chart.smoothing * (x.most - x.least));
  }
  svg += fmt::format("<path class=\"line c{}\" d=\"{}\"/>\n", colour, path_of(thinned(line), x, y));
  if (chart.smoothing == 0 && points.size() <= kFewPoints) {
    for (const Point& point : points) {
      if (!std::isnan(point.y)) {
        svg += fmt::format("<circle class=\"f{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"/>\n",
                           colour, x.place(point.x), y.place(point.y));
      }
    }
  }
  return svg;
}

// ---- Everything around them ----

std::string style_sheet() {
  std::string css =
      "<style>\n"
      "text{font:13px system-ui,'Segoe UI','DejaVu Sans',sans-serif;fill:#333}\n"
      ".title{font-size:16px;font-weight:600;fill:#111}\n"
      ".ground{fill:#fff}.grid{stroke:#e3e3e3}.frame{stroke:#999;fill:none}\n"
      ".line{fill:none;stroke-width:2;stroke-linejoin:round}\n"
      ".noise{fill:none;stroke-width:1;opacity:.25}\n";
  for (std::size_t i = 0; i < kOnWhite.size(); ++i) {
    css += fmt::format(".c{0}{{stroke:{1}}}.f{0}{{fill:{1}}}\n", i, kOnWhite[i]);
  }
  css +=
      "@media (prefers-color-scheme:dark){\n"
      "text{fill:#c8c8c8}.title{fill:#eee}.ground{fill:#16181c}\n"
      ".grid{stroke:#2f3339}.frame{stroke:#777}\n";
  for (std::size_t i = 0; i < kOnBlack.size(); ++i) {
    css += fmt::format(".c{0}{{stroke:{1}}}.f{0}{{fill:{1}}}\n", i, kOnBlack[i]);
  }
  return css + "}\n</style>\n";
}

std::string text(double x, double y, std::string_view anchor, std::string_view what,
                 std::string_view more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, more, escaped(what));
}

std::string line(double x1, double y1, double x2, double y2) {
  return fmt::format(
      "<line class=\"grid\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", x1, y1,
      x2, y2);
}

/// "0.05", "1200": no more digits than a tick needs.
std::string tick_text(double value) { return fmt::format("{:.10g}", value); }

std::string axes(const Scale& x, const Scale& y) {
  std::string svg;
  for (const double tick : x.ticks) {
    svg += line(x.place(tick), y.from, x.place(tick), y.to);
    svg += text(x.place(tick), y.from + 18, "middle", tick_text(tick));
  }
  for (const double tick : y.ticks) {
    svg += line(x.from, y.place(tick), x.to, y.place(tick));
    svg += text(x.from - 8, y.place(tick) + 4, "end", tick_text(tick));
  }
  svg += fmt::format(
      "<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
      x.from, y.to, x.to - x.from, y.from - y.to);
  svg += text((x.from + x.to) / 2, kHeight - 14, "middle", x.axis.label);
  const double middle = (y.from + y.to) / 2;
  svg += text(18, middle, "middle", y.axis.label,
              fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", middle));
  return svg;
}

struct Legend {
  std::string svg;
  double bottom = 0;
};

/// Names in rows under the title.
Legend make_legend(const Chart& chart) {
  Legend legend;
  double left = kLeft;
  double middle = 56;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const std::string& name = chart.series[i].name;
    const double width = 52 + kLetterWidth * static_cast<double>(name.size());
    if (left > kLeft && left + width > kWidth) {
      left = kLeft;
      middle += 20;
    }
    legend.svg += fmt::format(
        "<path class=\"line c{0}\" d=\"M{1:.1f} {2:.1f}L{3:.1f} {2:.1f}\" "
        "style=\"stroke-width:3\"/>\n",
        i % kOnWhite.size(), left, middle, left + 22);
    legend.svg += text(left + 28, middle + 4.5, "start", name);
    left += width;
  }
  legend.bottom = middle + 28;
  return legend;
}

}  // namespace

std::string to_svg(const Chart& chart) {
  Scale x = make_scale(
      chart, chart.x, [](const Series& series) { return series.x; }, false);
  Scale y = make_scale(
      chart, chart.y, [](const Series& series) { return series.y; }, true);
  x.from = kLeft;
  x.to = kWidth - kRight;
  y.from = kHeight - kBottom;
  const Legend legend = make_legend(chart);
  y.to = legend.bottom;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\">\n",
      kWidth, kHeight);
  svg += style_sheet();
  svg += fmt::format("<rect class=\"ground\" width=\"{}\" height=\"{}\"/>\n", kWidth, kHeight);
  svg += text(kLeft, 32, "start", chart.title, " class=\"title\"");
  svg += legend.svg;
  svg += axes(x, y);
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    svg += lines_of(chart.series[i], i % kOnWhite.size(), chart, x, y);
  }
  return svg + "</svg>\n";
}

}  // namespace impasto
