#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include "base/chart.h"
#include "base/error.h"
#include "learn/cli/commands.h"
#include "store/store.h"

namespace impasto::learn::cli {
namespace {

struct Arguments {
  std::string table;
  std::string out;
  Chart chart;
};

Series& series_of(Chart& chart, const std::string& name) {
  const auto found = std::find_if(chart.series.begin(), chart.series.end(),
                                  [&](const Series& series) { return series.name == name; });
  if (found != chart.series.end()) {
    return *found;
  }
  return chart.series.emplace_back(Series{name, {}, {}});
}

/// Adds a line "name,x,y"; the name may hold commas.
void add_point(Chart& chart, const std::string& line) {
  const auto second = line.rfind(',');
  const auto first =
      second == std::string::npos || second == 0 ? std::string::npos : line.rfind(',', second - 1);
  try {
    if (first == std::string::npos) {
      throw std::invalid_argument("too few cells");
    }
    const double x = std::stod(line.substr(first + 1, second - first - 1));
    const double y = std::stod(line.substr(second + 1));
    Series& series = series_of(chart, line.substr(0, first));
    series.x.push_back(x);
    series.y.push_back(y);
  } catch (const std::logic_error&) {
    throw Error(ExitCode::bad_input,
                fmt::format("'{}' is no point of a chart; lines are 'name,x,y'", line));
  }
}

void run(Arguments& arguments) {
  std::istringstream lines(store::read_all(arguments.table));
  std::string line;
  std::getline(lines, line);  // the header
  while (std::getline(lines, line)) {
    if (!line.empty()) {
      add_point(arguments.chart, line);
    }
  }
  store::write_all(arguments.out, to_svg(arguments.chart), true);
}

}  // namespace

void add_chart_command(CLI::App& app) {
  auto* command = app.add_subcommand("chart", "draws a table of points as an SVG");
  const auto arguments = std::make_shared<Arguments>();
  Chart& chart = arguments->chart;
  command->add_option("TABLE", arguments->table, "CSV: a header, then name,x,y")->required();
  command->add_option("-o,--output", arguments->out, "an SVG")->required();
  command->add_option("--title", chart.title, "stands above");
  command->add_option("--x", chart.x.label, "label of the x axis");
  command->add_option("--y", chart.y.label, "label of the y axis");
  command->add_flag("--log-x", chart.x.logarithmic, "logarithmic x axis");
  command->add_flag("--log-y", chart.y.logarithmic, "logarithmic y axis");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::learn::cli
