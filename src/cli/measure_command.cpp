#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/chart.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "job/atelier.h"
#include "job/learn_program.h"
#include "job/measure_style.h"
#include "job/measure_video.h"
#include "job/measure_video_report.h"
#include "job/paint.h"
#include "media/photos.h"
#include "store/store.h"

namespace impasto::cli {
namespace {

/// The command lines as they were typed.
struct StyleArguments {
  std::string style;
  std::string painting;
  std::string stroke;
  bool json = false;
  job::MeasureOptions options;
};

struct VideoArguments {
  std::string painted;
  std::string source;
  std::string chart;
  std::string progress = "auto";
  bool json = false;
  job::VideoMeasureOptions options;
};

/// Paints here and measures there. Returns the other program's exit code.
int measure_style(const StyleArguments& arguments) {
  constexpr int kGlance = 64;  // pixels: enough to see whether it is a picture
  media::load_painting(arguments.painting, kGlance);
  job::Atelier atelier(job::cache_folder());
  const style::Style style = atelier.style(arguments.style);
  std::vector<std::string> command{"measure", "--painting", arguments.painting, "--name",
                                   style.name};
  const std::string& stroke = arguments.stroke.empty() ? style.stroke : arguments.stroke;
  if (!stroke.empty()) {
    command.insert(command.end(), {"--stroke", stroke});
  }
  if (arguments.json) {
    command.emplace_back("--json");
  }
  job::LearnProgram program(command);
  const auto hand_over = [&](const media::PaintedPhoto& photo) {
    throw_if_interrupted();
    bool reads = true;
    media::write_painted_photo(
        photo, [&](std::span<const std::byte> bytes) { reads = reads && program.write(bytes); });
    return reads;
  };
  job::paint_to_measure(style, arguments.options, hand_over);
  return program.finish();
}

void run(const StyleArguments& arguments) {
  catch_interrupts();
  const int code = measure_style(arguments);
  throw_if_interrupted();
  if (code != 0) {
    std::exit(code);  // impasto-learn has said why
  }
}

void run(const VideoArguments& arguments) {
  Progress progress(parse_progress_mode(arguments.progress));
  catch_interrupts();
  const job::VideoMeasure measure =
      job::measure_video(arguments.painted, arguments.source, arguments.options, progress);
  if (!arguments.chart.empty()) {
    store::write_all(arguments.chart, to_svg(job::to_chart(measure)), true);
  }
  fmt::print("{}", arguments.json ? job::to_json(measure) : job::to_table(measure));
}

std::string check_count(const std::string& text) {
  constexpr int kMost = 1000;
  int count = 0;
  const bool good = CLI::detail::lexical_cast(text, count) && count >= 1 && count <= kMost;
  return good ? std::string() : fmt::format("'{}' is not a number from 1 to {}", text, kMost);
}

void add_style(CLI::App& measures) {
  CLI::App* command = measures.add_subcommand(
      "style", "How near a style is to its painting and to photos, how steady, how clean");
  const auto arguments = std::make_shared<StyleArguments>();
  command->add_option("STYLE", arguments->style, "A style's name or file, or a painting")
      ->required();
  command->add_option("--painting", arguments->painting, "A picture of the painting")->required();
  command->add_option("--photos", arguments->options.photos, "A folder of photos to paint")
      ->required();
  command->add_option("--most", arguments->options.most, "Photos to paint of those there are")
      ->check(check_count)
      ->capture_default_str();
  command->add_option("--stroke", arguments->stroke, "Size of the brush to measure against")
      ->default_str("the style's own");
  command->add_option("--device", arguments->options.device, "Where to paint")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->callback([arguments] { run(*arguments); });
}

void add_video(CLI::App& measures) {
  CLI::App* command =
      measures.add_subcommand("video", "How steady and how sharp a painted video is");
  const auto arguments = std::make_shared<VideoArguments>();
  command->add_option("PAINTED", arguments->painted, "A painted video")->required();
  command->add_option("--source", arguments->source, "The video that it was painted from")
      ->required();
  command->add_option("--flow", arguments->options.flow,
                      "A folder of .flo files to measure along, instead of flow that is sought");
  command->add_option("--chart", arguments->chart, "Also draw the measures over time: an .svg");
  add_progress(*command, arguments->progress);
  command->add_flag("--json", arguments->json, "Print JSON, with every frame");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace

void add_measure_command(CLI::App& app) {
  CLI::App* measures = app.add_subcommand("measure", "Measure styles and paintings");
  measures->require_subcommand(1);
  add_style(*measures);
  add_video(*measures);
}

}  // namespace impasto::cli
