#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "job/atelier.h"
#include "job/preview.h"

namespace impasto::cli {
namespace {

/// The command line as it was typed.
struct Arguments {
  std::string clip;
  std::string output;
  std::vector<std::string> styles;
  std::string progress = "auto";
  job::PreviewOptions options;
};

std::string count_of(std::size_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void run(Arguments& arguments) {
  Progress progress(parse_progress_mode(arguments.progress));
  for (const std::string& list : arguments.styles) {
    const auto names = job::list_of_styles(list);
    arguments.options.styles.insert(arguments.options.styles.end(), names.begin(), names.end());
  }
  catch_interrupts();
  const job::PreviewResult result =
      job::preview(arguments.clip, arguments.output, arguments.options, progress);
  fmt::print("{}: {} in {}, painted at {} in {:.1f} s\n", arguments.output,
             count_of(result.moments, "moment"), count_of(result.styles, "style"),
             to_string(result.painted), result.seconds);
}

}  // namespace

void add_preview_command(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  job::PreviewOptions& options = arguments->options;
  CLI::App* command =
      app.add_subcommand("preview", "Show a few moments of a clip in several styles on one sheet");
  command->add_option("CLIP", arguments->clip, "Video or picture")->required();
  command->add_option("-o,--output", arguments->output, "The sheet: a .png or .jpg file")
      ->required();
  command->add_option("--styles", arguments->styles,
                      "Styles and pictures of paintings, with commas between them (default: every "
                      "style there is)");
  command->add_option("--moments", options.moments, "How many moments of the clip")
      ->check(in_range(1, job::kMostMoments))
      ->capture_default_str();
  command->add_option("--size", options.size, "Paint at this size: 1280x720, or 720p")
      ->default_str("as many pixels as 640x360");
  command->add_option("--device", options.device, "Where to paint")->capture_default_str();
  command->add_option("--precision", options.precision, "auto, f32 or bf16")->capture_default_str();
  command->add_option("--threads", options.threads, "CPU threads; 0: all that may be used")
      ->check(thread_count());
  add_progress(*command, arguments->progress);
  command->add_flag("--overwrite", options.overwrite, "Replace a sheet that is there");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::cli
