#include "base/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace impasto {
namespace {

using testing::HasSubstr;
using testing::Not;

Chart chart_of(Series series) {
  Chart chart;
  chart.title = "losses";
  chart.series.push_back(std::move(series));
  return chart;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Chart, a_line_reaches_from_corner_to_corner) {
  const std::string svg = to_svg(chart_of({"rise", {0, 10}, {0, 5}}));
  EXPECT_THAT(svg, HasSubstr("d=\"M84.0 484.0L936.0 84.0\""));
  EXPECT_THAT(svg, HasSubstr(">rise</text>"));
}

TEST(Chart, powers_of_ten_are_equally_far_apart_on_a_logarithmic_axis) {
  Chart chart = chart_of({"falls", {1, 10, 100}, {1, 2, 3}});
  chart.x.logarithmic = true;
  EXPECT_THAT(to_svg(chart), HasSubstr("L510.0 "));
}

TEST(Chart, what_cannot_be_shown_breaks_the_line) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const std::string svg = to_svg(chart_of({"a", {0, 1, 2, 3, 4}, {1, 1, nothing, 2, 2}}));
  EXPECT_THAT(svg, testing::ContainsRegex("M84.0 [0-9.]+L297.0 [0-9.]+M723.0"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  Chart logarithmic = chart_of({"a", {0, 1, 2}, {1, 0, 10}});
  logarithmic.y.logarithmic = true;
  EXPECT_THAT(to_svg(logarithmic), Not(HasSubstr("inf")));
}

TEST(Chart, noise_stays_behind_the_mean_of_its_surroundings) {
  Series series{"noise", {}, {}};
  for (int i = 0; i <= 400; ++i) {
    series.x.push_back(i);
    series.y.push_back(i % 2 == 0 ? 1 : 3);
  }
  Chart chart = chart_of(series);
  chart.smoothing = 0.1;
  const std::string svg = to_svg(chart);
  EXPECT_EQ(count_of(svg, "class=\"noise"), 1U);
  EXPECT_THAT(svg, HasSubstr("L510.0 28"));  // y 284 is the middle between 1 and 3
}

TEST(Chart, few_points_are_marked_and_many_thinned_out) {
  EXPECT_EQ(count_of(to_svg(chart_of({"a", {1, 2, 3}, {1, 2, 3}})), "<circle"), 3U);
  Series many{"many", {}, {}};
  for (int i = 0; i < 100000; ++i) {
    many.x.push_back(i);
    many.y.push_back(std::sin(i * 1e-4));
  }
  const std::string svg = to_svg(chart_of(many));
  EXPECT_LT(svg.size(), 30000U);
  EXPECT_EQ(count_of(svg, "<circle"), 0U);
}

TEST(Chart, names_are_escaped) {
  EXPECT_THAT(to_svg(chart_of({"a < b & c", {1, 2}, {1, 2}})), HasSubstr("a &lt; b &amp; c"));
}

TEST(Chart, nothing_measured_is_an_empty_frame_and_one_value_a_point) {
  EXPECT_THAT(to_svg(Chart{}), HasSubstr("class=\"frame\""));
  EXPECT_EQ(count_of(to_svg(chart_of({"one", {1}, {0}})), "<circle"), 1U);
}

TEST(Chart, lines_without_as_many_places_as_values_are_refused) {
  EXPECT_THROW(to_svg(chart_of({"a", {1, 2}, {1}})), Error);
}

}  // namespace
}  // namespace impasto
