#pragma once

#include <string>
#include <vector>

namespace impasto {

/// One line of a chart. Points whose value is not finite, or not positive on a logarithmic axis,
/// break the line.
struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;  ///< As many as x.
};

struct Axis {
  std::string label;         ///< With the unit: "minutes".
  bool logarithmic = false;  ///< Ticks at 1, 2 and 5 of each power of ten.
  bool from_zero = false;    ///< Linear axes alone.
};

/// A line chart. Many lines may share it, eight have colours of their own.
struct Chart {
  std::string title;
  Axis x;
  Axis y;
  std::vector<Series> series;
  /// Share of the x axis that noisy lines are averaged over, by a window that looks both ways; the
  /// noise stays visible, pale, behind the line. 0: lines as they are, and their points marked
  /// where there are few.
  double smoothing = 0;
};

/// The chart as an SVG of 960 × 540, dark letters on white, or light ones on black where the viewer
/// prefers that. Lines of more than a thousand points are thinned out.
/// Throws Error(bug) where a series has x and y of different lengths.
std::string to_svg(const Chart& chart);

}  // namespace impasto
