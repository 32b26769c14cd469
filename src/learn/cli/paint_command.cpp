#include <memory>
#include <string>

#include "learn/cli/commands.h"
#include "learn/crops.h"
#include "learn/painting_net.h"
#include "learn/photos.h"
#include "learn/preview.h"
#include "media/still_png.h"
#include "network/network_file.h"
#include "store/store.h"

namespace impasto::learn::cli {
namespace {

struct Arguments {
  std::string style;
  std::string picture;
  std::string out;
  int short_side = 512;
};

void run(const Arguments& arguments) {
  PaintingNet net(torch::kCPU, torch::kFloat);
  net.load(network::read(store::read_all(arguments.style), arguments.style));
  const Photo photo = load_painting(arguments.picture, arguments.short_side);
  const Size size{photo.size.width / 8 * 8, photo.size.height / 8 * 8};
  const auto picture = to_tensor(photo).slice(2, 0, size.height).slice(3, 0, size.width);
  const auto painted = net.paint_exactly(picture).contiguous();
  media::write_png(to_picture(painted.data_ptr<float>(), size), arguments.out, true);
}

}  // namespace

void add_paint_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "paint", "paints a picture by libtorch, for comparing with what other runtimes paint");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("STYLE", arguments->style, "a style of Impasto's own form")->required();
  command->add_option("PICTURE", arguments->picture, "a picture")->required();
  command->add_option("-o,--output", arguments->out, "a PNG")->required();
  command->add_option("--short-side", arguments->short_side, "pixels it is scaled to");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::learn::cli
