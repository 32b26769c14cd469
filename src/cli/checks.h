#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

namespace impasto::cli {

/// A check whose complaint can be read: CLI11's own prints its bounds in full.
template <typename Number>
auto in_range(Number least, Number most) {
  return [least, most](const std::string& text) {
    Number value{};
    const bool good = CLI::detail::lexical_cast(text, value) && value >= least && value <= most;
    return good ? std::string()
                : fmt::format("'{}' is not a number from {} to {}", text, least, most);
  };
}

/// For --threads.
inline auto thread_count() { return in_range(0, 1024); }

/// How progress is told.
inline void add_progress(CLI::App& command, std::string& progress) {
  command.add_option("--progress", progress, "auto, bar, plain, json or none")
      ->capture_default_str();
}

}  // namespace impasto::cli
