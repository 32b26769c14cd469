#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "job/compare.h"
#include "job/timecode.h"

namespace impasto::cli {
namespace {

/// The command line as it was typed.
struct Arguments {
  std::string first;
  std::string second;
  std::string output;
  std::string labels;
  std::string at;
  std::string progress = "auto";
  std::optional<double> split;
  std::optional<int> quality;
  bool unlabelled = false;
  job::CompareOptions options;
};

void read_labels(Arguments& arguments) {
  job::CompareOptions& options = arguments.options;
  options.labelled = !arguments.unlabelled;
  if (arguments.labels.empty()) {
    return;
  }
  if (arguments.unlabelled) {
    throw Error(ExitCode::usage, "--labels and --no-labels exclude each other; leave one out");
  }
  const std::size_t comma = arguments.labels.find(',');
  if (comma == std::string::npos || arguments.labels.find(',', comma + 1) != std::string::npos) {
    throw Error(ExitCode::usage,
                "--labels takes two names with a comma between them: --labels \"before,after\"");
  }
  options.labels = {arguments.labels.substr(0, comma), arguments.labels.substr(comma + 1)};
}

void run(Arguments& arguments) {
  job::CompareOptions& options = arguments.options;
  read_labels(arguments);
  options.split = arguments.split;
  options.encode.quality = arguments.quality;
  if (!arguments.at.empty()) {
    options.at = job::parse_time(arguments.at);
  }
  Progress progress(parse_progress_mode(arguments.progress));
  catch_interrupts();
  const job::CompareResult result =
      job::compare(arguments.first, arguments.second, arguments.output, options, progress);
  fmt::print("{}: {} frame{} of {} in {:.1f} s\n", arguments.output, result.frames,
             result.frames == 1 ? "" : "s", to_string(result.size), result.seconds);
}

}  // namespace

void add_compare_command(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  job::CompareOptions& options = arguments->options;
  CLI::App* command =
      app.add_subcommand("compare", "Show two videos or pictures as one, side by side or split");
  command->add_option("A", arguments->first, "Video or picture; its sound and its times are kept")
      ->required();
  command->add_option("B", arguments->second, "Another one, scaled to the first one's height")
      ->required();
  command->add_option("-o,--output", arguments->output, "A video, or a .png or .jpg of one moment")
      ->required();
  command
      ->add_option("--split", arguments->split,
                   "One picture, A left of a line and B right of it: 0 (left edge) to 1")
      ->check(in_range(0.0, 1.0));
  command->add_option("--labels", arguments->labels, "What stands over them: \"before,after\"")
      ->default_str("the files' names");
  command->add_flag("--no-labels", arguments->unlabelled, "Nothing over the pictures");
  command->add_option("--at", arguments->at, "The moment of a picture: seconds or [HH:]MM:SS.mmm");
  command->add_option("--codec", options.encode.codec, "h264, hevc, av1, vp9, ffv1 or prores")
      ->default_str("h264; vp9 for .webm");
  command->add_option("--quality", arguments->quality,
                      "The codec's own scale (h264: 0 best to 51)");
  command->add_option("--preset", options.encode.preset,
                      "The encoder's speed (h264: ultrafast ... placebo)");
  command
      ->add_option("--threads", options.encode.threads, "Threads of decoders and encoder; 0: all")
      ->check(thread_count());
  add_progress(*command, arguments->progress);
  command->add_flag("--overwrite", options.overwrite, "Replace an output that is there");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::cli
