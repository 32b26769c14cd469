#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <memory>
#include <string>

#include "base/progress.h"
#include "learn/cli/commands.h"
#include "learn/crops.h"
#include "learn/measure.h"
#include "learn/photos.h"
#include "learn/vgg_file.h"

namespace impasto::learn::cli {
namespace {

struct Arguments {
  std::string painting;
  std::string name;
  std::string vgg;
  std::string progress = "auto";
  double stroke = 1;
  bool json = false;
};

void run(const Arguments& arguments) {
  constexpr double kSeenAt = 512;  // pixels of the painting's short side, as in training
  Progress progress(parse_progress_mode(arguments.progress));
  const Photo painting =
      load_painting(arguments.painting, static_cast<int>(std::lround(kSeenAt * arguments.stroke)));
  const Perceptual perceptual(find_vgg19(arguments.vgg), torch::kCPU, torch::kFloat);
  progress.begin(arguments.name, 0, 0, {"photos", "photos/s"});
  const StyleMeasures measures = measure(std::cin, to_tensor(painting), perceptual, progress);
  progress.end(true);
  fmt::print("{}", arguments.json ? to_json(measures, arguments.name)
                                  : to_table(measures, arguments.name));
}

}  // namespace

void add_measure_command(CLI::App& app) {
  auto* command = app.add_subcommand("measure", "measures painted photos on standard input");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("--painting", arguments->painting, "picture of the painting")->required();
  command->add_option("--name", arguments->name, "of the style");
  command->add_option("--stroke", arguments->stroke, "size of the brush")
      ->check(CLI::Range(0.25, 4.0));
  command->add_option("--vgg", arguments->vgg, "VGG-19's weights");
  command->add_option("--progress", arguments->progress, "auto, bar, plain, json or none");
  command->add_flag("--json", arguments->json, "prints JSON");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::learn::cli
