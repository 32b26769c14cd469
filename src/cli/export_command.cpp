#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "job/export.h"
#include "job/timecode.h"

namespace impasto::cli {
namespace {

/// The command line as it was typed.
struct Arguments {
  std::string clip;
  std::string output;
  std::string at = "0";
  std::string progress = "auto";
  job::ExportOptions options;
};

void run(Arguments& arguments) {
  arguments.options.at = job::parse_time(arguments.at);
  Progress progress(parse_progress_mode(arguments.progress));
  catch_interrupts();
  const job::ExportResult result =
      job::export_folded(arguments.clip, arguments.output, arguments.options, progress);
  if (result.stretches > 1) {
    progress.note(
        fmt::format("{} has {} stretches with numbers of their own; the one at {} is "
                    "folded in, --at chooses another",
                    arguments.clip, result.stretches, arguments.at));
  }
  const bool int8 = result.precision.precision == "int8";
  constexpr double kMegabyte = 1e6;
  fmt::print("{}: {:.1f} MB, {}\n", arguments.output, static_cast<double>(result.bytes) / kMegabyte,
             int8 ? fmt::format("int8, {:.1f} dB to float32", result.precision.psnr) : "f32");
}

}  // namespace

void add_export_command(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  job::ExportOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand(
      "export", "Write a style's net, folded and quantised for a clip, as an ONNX file");
  command->add_option("--style", options.style, "A style, a picture of a painting, or a mix")
      ->required();
  command->add_option("--clip", arguments->clip, "The clip whose statistics are folded in")
      ->required();
  command->add_option("-o,--output", arguments->output, "The .onnx file")->required();
  command->add_option("--at", arguments->at, "Whose shot: seconds or [HH:]MM:SS.mmm")
      ->capture_default_str();
  command->add_option("--device", options.device, "Where to calibrate")->capture_default_str();
  command->add_option("--precision", options.precision, "auto, f32 or int8")->capture_default_str();
  command->add_option("--threads", options.threads, "CPU threads; 0: all")
      ->check(thread_count())
      ->capture_default_str();
  add_progress(*command, arguments->progress);
  command->add_flag("--overwrite", options.overwrite, "Replace a file that is there");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::cli
