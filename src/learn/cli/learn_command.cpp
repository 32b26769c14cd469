#include <torch/utils.h>

#include <memory>

#include "base/progress.h"
#include "learn/cli/commands.h"
#include "learn/learn.h"
#include "learn/vgg_file.h"

namespace impasto::learn::cli {
namespace {

struct Arguments {
  LearnOptions options;
  std::string base;
  std::string progress = "auto";
  int threads = 0;
};

void run(Arguments& arguments) {
  LearnOptions& options = arguments.options;
  options.vgg = find_vgg19(options.vgg);
  if (arguments.base != "none") {
    options.base = arguments.base;
  }
  std::string& name = options.metadata["name"];
  if (name.empty()) {
    name = options.out.stem().string();
  }
  if (options.metadata["title"].empty()) {
    options.metadata["title"] = name;
  }
  if (options.metadata["painting"].empty()) {
    options.metadata["painting"] = options.painting.stem().string();
  }
  if (arguments.threads > 0) {
    torch::set_num_threads(arguments.threads);
  }
  Progress progress(parse_progress_mode(arguments.progress));
  learn_style(options, progress);
}

}  // namespace

void add_learn_command(CLI::App& app) {
  auto* command = app.add_subcommand("learn", "learns the style of a painting");
  const auto arguments = std::make_shared<Arguments>();
  LearnOptions& options = arguments->options;
  command->add_option("PAINTING", options.painting, "a picture of the painting")->required();
  command->add_option("-o,--output", options.out, "the style, an ONNX file")->required();
  command->add_option("--photos", options.photos, "folder of photos to practise on");
  command->add_option("--on", options.clip, "clip to practise on");
  command->add_option("--base", arguments->base, "style file to begin from, or none")->required();
  command->add_option("--vgg", options.vgg, "VGG-19's weights");
  command->add_option("--minutes", options.budget.minutes, "time to learn");
  command->add_option("--steps", options.budget.steps, "steps instead of minutes");
  command->add_option("--stroke", options.stroke, "size of the brush");
  command->add_option("--weight", options.weight, "weight of the style against the content");
  command->add_option("--stability", options.stability, "0 (free) to 10 (steady)");
  command->add_option("--preview", options.preview, "folder for previews and the loss chart");
  command->add_option("--seed", options.seed, "chance");
  command->add_option("--batch", options.batch, "pictures a step");
  command->add_flag("--resume", options.resume, "goes on from the checkpoint");
  command->add_flag("--overwrite", options.overwrite, "replaces what is there");
  command->add_option("--device", options.device, "cpu or cuda");
  command->add_option("--threads", arguments->threads, "CPU threads; 0: all");
  command->add_option("--progress", arguments->progress, "auto, bar, plain, json or none");
  for (const char* key : {"name", "title", "painting", "licence", "author"}) {
    command->add_option(std::string("--") + key, options.metadata[key], "of the style");
  }
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::learn::cli
