#include <memory>

#include "base/progress.h"
#include "learn/base.h"
#include "learn/cli/commands.h"

namespace impasto::learn::cli {

void add_base_command(CLI::App& app) {
  auto* command = app.add_subcommand("base", "trains the network that paints in any painting");
  const auto options = std::make_shared<BaseOptions>();
  const auto mode = std::make_shared<std::string>("auto");
  command->add_option("--paintings", options->paintings, "folder of paintings")->required();
  command->add_option("--photos", options->photos, "folder of photos")->required();
  command->add_option("-o,--output", options->out, "folder for painter.onnx and reader.onnx")
      ->required();
  command->add_option("--vgg", options->vgg, "VGG-19's weights")->required();
  command->add_option("--start", options->start,
                      "checkpoint to begin from, or a folder with painter.onnx and reader.onnx");
  command->add_option("--preview", options->preview, "folder for sheets of what it paints");
  command->add_flag("--keep-codes", options->keep_codes, "the painter alone learns");
  command->add_option("--hold", options->held, "paintings that only judge (names)")->delimiter(',');
  command->add_option("--minutes", options->budget.minutes, "training time of the painter");
  command->add_option("--steps", options->budget.steps, "steps instead of minutes");
  command->add_option("--reader-minutes", options->reader_minutes, "time of the small reader");
  command->add_option("--rate", options->rate, "highest learning rate");
  command->add_option("--batch", options->batch, "pictures a step");
  command->add_option("--side", options->side, "pixels of a picture's side");
  command->add_option("--pool", options->pool, "styles at hand at a time");
  command->add_option("--seed", options->seed, "chance");
  command->add_flag("--resume", options->resume, "goes on from the checkpoint in the folder");
  command->add_option("--device", options->device, "cpu or cuda");
  command->add_option("--progress", *mode, "auto, bar, plain, json or none");
  command->callback([options, mode] {
    Progress progress(parse_progress_mode(*mode));
    learn_base(*options, progress);
  });
}

}  // namespace impasto::learn::cli
