#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "learn/painting_losses.h"
#include "learn/safetensors.h"

namespace impasto::learn {

/// The losses of every step of a training and when they were, for its chart.
class LossRecord {
 public:
  void add(double seconds, const Losses& losses);
  /// Mean of the last `count` steps; of all where there are fewer.
  [[nodiscard]] Losses recent(std::size_t count) const;
  [[nodiscard]] bool empty() const { return seconds_.empty(); }

  /// The names of what it keeps, with commas between them.
  static std::string names();
  void save(SafeTensors& checkpoint) const;
  void load(const SafeTensors& checkpoint);

  /// Writes `losses.svg` and `losses.csv` into a folder.
  void write(const std::filesystem::path& folder, const std::string& title) const;

 private:
  std::vector<double> seconds_;
  std::vector<Losses> losses_;
};

}  // namespace impasto::learn
