#include <memory>

#include "base/progress.h"
#include "learn/cli/commands.h"
#include "learn/enlarger_training.h"

namespace impasto::learn::cli {

void add_enlarger_command(CLI::App& app) {
  auto* command = app.add_subcommand("enlarger", "trains the network that enlarges paintings");
  const auto options = std::make_shared<EnlargerOptions>();
  const auto mode = std::make_shared<std::string>("auto");
  command->add_option("--painted", options->painted, "folder of large painted pictures")
      ->required();
  command->add_option("-o,--output", options->out, "the ONNX file")->required();
  command->add_option("--minutes", options->budget.minutes, "training time");
  command->add_option("--steps", options->budget.steps, "steps instead of minutes");
  command->add_option("--rate", options->rate, "highest learning rate");
  command->add_option("--batch", options->batch, "squares a step");
  command->add_option("--seed", options->seed, "chance");
  command->add_option("--progress", *mode, "auto, bar, plain, json or none");
  command->callback([options, mode] {
    Progress progress(parse_progress_mode(*mode));
    learn_enlarger(*options, progress);
  });
}

}  // namespace impasto::learn::cli
