#pragma once

#include <optional>
#include <string>

#include "job/paint_options.h"

namespace CLI {
class App;
}

namespace impasto::cli {

/// What is said on the command line of how a video or picture is to be painted, as text where it is
/// still to be read.
struct PaintArguments {
  std::string style_at;
  std::string style_fade;
  std::string start;
  std::string duration;
  std::string stability = "off";
  std::string stroke = "1";
  std::optional<int> quality;
  job::PaintOptions options;
};

/// Adds the options that say how. `arguments` has to outlive the command.
void add_paint_options(CLI::App& command, PaintArguments& arguments);

/// Reads what is still text into `arguments.options`. Throws Error(usage).
void read_paint_options(PaintArguments& arguments);

}  // namespace impasto::cli
