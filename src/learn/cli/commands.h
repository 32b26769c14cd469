#pragma once

#include <CLI/CLI.hpp>

namespace impasto::learn::cli {

/// Each adds one command, which runs when the command line is parsed.
void add_base_command(CLI::App& app);
void add_chart_command(CLI::App& app);
void add_enlarger_command(CLI::App& app);
void add_learn_command(CLI::App& app);
void add_measure_command(CLI::App& app);
void add_paint_command(CLI::App& app);

}  // namespace impasto::learn::cli
