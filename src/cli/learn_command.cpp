#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands.h"
#include "job/atelier.h"
#include "job/learn_program.h"
#include "job/paint.h"
#include "media/photos.h"
#include "store/store.h"

namespace impasto::cli {
namespace {

/// An option that goes on to impasto-learn as it was typed; empty: not given.
struct Forwarded {
  std::string option;
  std::string value;
};

/// The command line as it was typed.
struct Arguments {
  std::string painting;
  std::string output;
  std::string photos;
  std::string clip;
  std::string base;
  bool resume = false;
  bool overwrite = false;
  std::list<Forwarded> forwarded;  ///< A list, since the parser keeps addresses.
};

std::function<std::string(const std::string&)> number_from(double least, double most) {
  return [least, most](const std::string& text) {
    double value = 0;
    const bool good = CLI::detail::lexical_cast(text, value) && value >= least && value <= most;
    return good ? std::string()
                : fmt::format("'{}' is not a number from {} to {}", text, least, most);
  };
}

std::string whole_number(const std::string& text) {
  const bool good = !text.empty() && text.size() <= 18 &&
                    std::all_of(text.begin(), text.end(),
                                [](unsigned char letter) { return std::isdigit(letter) != 0; });
  return good ? std::string() : fmt::format("'{}' is not a whole number of 0 or more", text);
}

void refuse_output(const Arguments& arguments) {
  if (!arguments.output.ends_with(".onnx")) {
    throw Error(ExitCode::usage,
                "the style '" + arguments.output + "' must be a file whose name ends in .onnx");
  }
  // Begun and dropped: whatever speaks against the name is said now and not after ten minutes.
  store::for_uri(arguments.output).create(arguments.output, arguments.overwrite);
}

void refuse_pictures(const Arguments& arguments) {
  if (arguments.photos.empty() && arguments.clip.empty()) {
    throw Error(ExitCode::usage,
                "there is nothing to practise on; give --photos a folder of a few hundred photos "
                "of your own, or --on the clip that is to be painted, or both");
  }
  const auto kind = [](const std::string& uri) { return store::for_uri(uri).kind(uri); };
  if (!arguments.photos.empty() && kind(arguments.photos) != store::Kind::folder) {
    throw Error(ExitCode::bad_input, "there is no folder '" + arguments.photos +
                                         "'; --photos takes any folder of photos of your own");
  }
  if (!arguments.clip.empty() && kind(arguments.clip) != store::Kind::object) {
    throw Error(ExitCode::bad_input, "there is no file '" + arguments.clip +
                                         "'; --on takes the clip that is to be painted");
  }
}

/// The file that the learning starts from, or "none".
std::string base_for(const Arguments& arguments) {
  if (arguments.base == "none") {
    return "none";
  }
  const std::string& request = arguments.base.empty() ? arguments.painting : arguments.base;
  return job::Atelier(job::cache_folder()).style(request).file.string();
}

void run(const Arguments& arguments) {
  constexpr int kGlance = 64;  // pixels: enough to see whether it is a picture
  media::load_painting(arguments.painting, kGlance);
  refuse_output(arguments);
  refuse_pictures(arguments);
  job::find_learn_program();
  std::vector<std::string> command{"learn",          arguments.painting, "--output",
                                   arguments.output, "--base",           base_for(arguments)};
  const auto add = [&](const std::string& option, const std::string& value) {
    if (!value.empty()) {
      command.push_back(option);
      command.push_back(value);
    }
  };
  add("--photos", arguments.photos);
  add("--on", arguments.clip);
  for (const Forwarded& one : arguments.forwarded) {
    add(one.option, one.value);
  }
  if (arguments.resume) {
    command.emplace_back("--resume");
  }
  if (arguments.overwrite) {
    command.emplace_back("--overwrite");
  }
  job::become_learn_program(command);
}

CLI::Option* forward(CLI::App& command, Arguments& arguments, const std::string& option,
                     const std::string& description) {
  Forwarded& one = arguments.forwarded.emplace_back(Forwarded{option, ""});
  return command.add_option(option, one.value, description);
}

void add_pictures(CLI::App& command, Arguments& arguments) {
  command.add_option("PAINTING", arguments.painting, "A picture of the painting: .jpg, .png, ...")
      ->required();
  command.add_option("-o,--output", arguments.output, "The style: a file ending in .onnx")
      ->required();
  command.add_option("--photos", arguments.photos,
                     "A folder of photos to practise on, a few hundred of your own");
  command.add_option("--on", arguments.clip, "The clip that is to be painted, to practise on");
  command
      .add_option("--base", arguments.base, "Start from this style, file or picture, or from none")
      ->default_str("what the painting gives at once");
  command.add_flag("--resume", arguments.resume, "Go on where an interrupted run stopped");
  command.add_flag("--overwrite", arguments.overwrite, "Replace a style that is there");
}

void add_dials(CLI::App& command, Arguments& arguments) {
  constexpr double kDay = 1440;
  CLI::Option* minutes = forward(command, arguments, "--minutes", "Time to learn")
                             ->check(number_from(0.01, 30 * kDay))
                             ->default_str("10");
  forward(command, arguments, "--steps", "Steps to learn, instead of a time")
      ->check(whole_number)
      ->excludes(minutes);
  forward(command, arguments, "--stroke", "Size of the brush, 0.25 (fine) to 4 (broad)")
      ->check(number_from(0.25, 4))
      ->default_str("1");
  forward(command, arguments, "--weight", "Weight of the painting against the content")
      ->check(number_from(0.1, 100))
      ->default_str("7");
  forward(command, arguments, "--stability", "0 (free) to 10 (steady from frame to frame)")
      ->check(number_from(0, 10))
      ->default_str("5");
  forward(command, arguments, "--preview", "A folder for previews and the chart of the losses");
  forward(command, arguments, "--seed", "Chance: the same seed learns the same on one thread")
      ->check(whole_number);
}

void add_running(CLI::App& command, Arguments& arguments) {
  forward(command, arguments, "--name", "What --style will call it (default: of the file)");
  forward(command, arguments, "--title", "Title to show (default: the name)");
  forward(command, arguments, "--painting", "Painter, painting and year");
  forward(command, arguments, "--licence", "Licence of the style's weights");
  forward(command, arguments, "--author", "Who made the style's weights");
  forward(command, arguments, "--device", "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
  forward(command, arguments, "--threads", "CPU threads; 0: all")->check(whole_number);
  forward(command, arguments, "--progress", "auto, bar, plain, json or none");
}

}  // namespace

void add_learn_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("learn", "Learn the style of a painting");
  const auto arguments = std::make_shared<Arguments>();
  add_pictures(*command, *arguments);
  add_dials(*command, *arguments);
  add_running(*command, *arguments);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::cli
