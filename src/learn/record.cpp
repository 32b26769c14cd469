#include "learn/record.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <array>

#include "base/chart.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

constexpr const char* kName = "losses";

/// What a loss is called and where it is kept; the order is the file's.
struct Column {
  const char* name;
  double Losses::*value;
};
constexpr std::array<Column, 6> kColumns{{{"content", &Losses::content},
                                          {"style", &Losses::style},
                                          {"shift", &Losses::shift},
                                          {"phase", &Losses::phase},
                                          {"grid", &Losses::grid},
                                          {"tone", &Losses::tone}}};

}  // namespace

void LossRecord::add(double seconds, const Losses& losses) {
  seconds_.push_back(seconds);
  losses_.push_back(losses);
}

Losses LossRecord::recent(std::size_t count) const {
  count = std::min(count, losses_.size());
  Losses sum;
  for (std::size_t i = losses_.size() - count; i < losses_.size(); ++i) {
    sum += losses_[i];
  }
  return sum.over(static_cast<double>(std::max<std::size_t>(1, count)));
}

std::string LossRecord::names() {
  std::vector<const char*> names;
  for (const Column& column : kColumns) {
    names.push_back(column.name);
  }
  return fmt::format("{}", fmt::join(names, ","));
}

void LossRecord::save(SafeTensors& checkpoint) const {
  const auto steps = static_cast<std::int64_t>(seconds_.size());
  const auto columns = static_cast<std::int64_t>(kColumns.size());
  torch::Tensor table = torch::empty({steps, columns + 1});
  auto rows = table.accessor<float, 2>();
  for (std::int64_t i = 0; i < steps; ++i) {
    const auto at = static_cast<std::size_t>(i);
    rows[i][0] = static_cast<float>(seconds_[at]);
    for (std::int64_t column = 0; column < columns; ++column) {
      rows[i][column + 1] =
          static_cast<float>(losses_[at].*kColumns.at(static_cast<std::size_t>(column)).value);
    }
  }
  checkpoint.tensors[kName] = table;
}

void LossRecord::load(const SafeTensors& checkpoint) {
  const torch::Tensor& table = checkpoint.tensors.at(kName);
  const auto rows = table.accessor<float, 2>();
  seconds_.clear();
  losses_.clear();
  for (std::int64_t i = 0; i < table.size(0); ++i) {
    Losses losses;
    for (std::size_t column = 0; column < kColumns.size(); ++column) {
      losses.*kColumns.at(column).value = rows[i][static_cast<std::int64_t>(column) + 1];
    }
    add(rows[i][0], losses);
  }
}

void LossRecord::write(const std::filesystem::path& folder, const std::string& title) const {
  constexpr double kSmoothing = 0.02;
  constexpr double kSecondsPerMinute = 60;
  Chart chart{title, {"minutes"}, {"loss", true}, {}, kSmoothing};
  std::string table = fmt::format("step,minutes,{}\n", names());
  for (const Column& column : kColumns) {
    Series series{column.name, {}, {}};
    for (std::size_t i = 0; i < seconds_.size(); ++i) {
      series.x.push_back(seconds_[i] / kSecondsPerMinute);
      series.y.push_back(losses_[i].*column.value);
    }
    chart.series.push_back(std::move(series));
  }
  for (std::size_t i = 0; i < seconds_.size(); ++i) {
    table += fmt::format("{},{:.3f}", i + 1, seconds_[i] / kSecondsPerMinute);
    for (const Column& column : kColumns) {
      table += fmt::format(",{:.6g}", losses_[i].*column.value);
    }
    table += "\n";
  }
  store::write_all((folder / "losses.svg").string(), to_svg(chart), true);
  store::write_all((folder / "losses.csv").string(), table, true);
}

}  // namespace impasto::learn
