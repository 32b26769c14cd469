#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "job/atelier.h"
#include "job/paint.h"
#include "style/import.h"
#include "style/keep.h"
#include "style/style.h"

namespace impasto::cli {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

std::uintmax_t bytes_of(const style::Style& style) {
  return std::filesystem::file_size(style.file);
}

std::string megabytes(std::uintmax_t bytes) {
  constexpr double kMegabyte = 1e6;
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / kMegabyte);
}

Json to_json(const style::Style& style) {
  return {{"name", style.name},       {"title", style.title},       {"painting", style.painting},
          {"licence", style.licence}, {"author", style.author},     {"stroke", style.stroke},
          {"steps", style.steps},     {"losses", style.losses},     {"bytes", bytes_of(style)},
          {"sha256", style.sha256},   {"file", style.file.string()}};
}

/// Characters that a UTF-8 text takes on the screen, near enough for paintings' names.
std::size_t shown_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](unsigned char byte) {
    return (byte & 0xC0U) != 0x80U;  // continuation bytes do not show
  }));
}

void print_table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], shown_width(row[column]));
    }
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const bool last = column + 1 == row.size();
      const std::size_t padding = last ? 0 : widths[column] - shown_width(row[column]) + 2;
      line += row[column] + std::string(padding, ' ');
    }
    fmt::print("{}\n", line);
  }
}

void list_styles(bool json) {
  std::vector<std::string> problems;
  const auto styles = style::list(&problems);
  if (json) {
    Json all = Json::array();
    std::transform(styles.begin(), styles.end(), std::back_inserter(all), to_json);
    fmt::print("{}\n", all.dump(2));
  } else if (styles.empty()) {
    fmt::print("There are no styles yet; impasto styles import takes a net in.\n");
  } else {
    std::vector<Row> rows{{"NAME", "PAINTING", "SIZE", "LICENCE"}};
    for (const style::Style& one : styles) {
      rows.push_back(
          {one.name, or_unknown(one.painting), megabytes(bytes_of(one)), or_unknown(one.licence)});
    }
    print_table(rows);
  }
  for (const std::string& problem : problems) {
    fmt::print(stderr, "impasto: left out: {}\n", problem);
  }
}

void show_style(const std::string& name, bool json) {
  job::Atelier atelier(job::cache_folder());
  const style::Style style = atelier.style(name);
  if (json) {
    fmt::print("{}\n", to_json(style).dump(2));
    return;
  }
  print_table({{"name", style.name},
               {"title", or_unknown(style.title)},
               {"painting", or_unknown(style.painting)},
               {"licence", or_unknown(style.licence)},
               {"author", or_unknown(style.author)},
               {"stroke", or_unknown(style.stroke)},
               {"steps", or_unknown(style.steps)},
               {"losses", or_unknown(style.losses)},
               {"size", megabytes(bytes_of(style))},
               {"sha256", style.sha256},
               {"file", style.file.string()}});
}

void import_style(const std::string& net, const style::ImportOptions& options) {
  const auto result = style::import(net, style::user_folder(), options);
  for (const std::string& note : result.notes) {
    fmt::print("  {}\n", note);
  }
  fmt::print("  paints as the original to {:.6f} of the range, and at other sizes\n",
             result.largest_difference);
  fmt::print("{} is ready: --style {} ({})\n", result.style.name, result.style.name,
             result.style.file.string());
}

void add_painting(const std::string& request, const style::KeepOptions& options) {
  const std::filesystem::path folder = style::user_folder();
  style::place_for(folder, options.name, options.overwrite);  // refused before anything is made
  job::Atelier atelier(job::cache_folder());
  const style::Style kept = style::keep(atelier.style(request), folder, options);
  fmt::print("{} is ready: --style {} ({})\n", kept.name, kept.name, kept.file.string());
}

void add_show(CLI::App& styles, bool& json) {
  auto name = std::make_shared<std::string>();
  auto* show = styles.add_subcommand("show", "Show everything that is known of a style");
  show->add_option("STYLE", *name, "Name of the style, its file, or a picture of a painting")
      ->required();
  show->callback([name, &json] { show_style(*name, json); });
}

void add_add(CLI::App& styles) {
  struct Arguments {
    std::string request;
    style::KeepOptions options;
  };
  auto arguments = std::make_shared<Arguments>();
  auto& options = arguments->options;
  auto* add = styles.add_subcommand("add", "Keep a painting, a mix or a style's file as a style");
  add->add_option("PAINTING", arguments->request,
                  "A picture of a painting, or anything else that --style takes")
      ->required();
  add->add_option("--name", options.name, "What --style will call it")->required();
  add->add_option("--title", options.title, "Title to show");
  add->add_option("--painting", options.painting, "Painter, painting and year");
  add->add_option("--licence", options.licence, "Licence of the style");
  add->add_option("--author", options.author, "Who made it");
  add->add_flag("--overwrite", options.overwrite, "Replace a style of this name");
  add->callback([arguments] { add_painting(arguments->request, arguments->options); });
}

void add_import(CLI::App& styles) {
  struct Arguments {
    std::string net;
    style::ImportOptions options;
  };
  auto arguments = std::make_shared<Arguments>();
  auto& options = arguments->options;
  auto* command = styles.add_subcommand("import", "Take in a style net that others trained (ONNX)");
  command
      ->add_option("NET", arguments->net, "The net: an .onnx file that takes and gives a picture")
      ->required();
  command->add_option("--name", options.name, "What --style will call it")->required();
  command->add_option("--title", options.title, "Title to show (default: the name)");
  command->add_option("--painting", options.painting, "Painter, painting and year");
  command->add_option("--licence", options.licence, "Licence of the weights");
  command->add_option("--author", options.author, "Who trained the weights");
  command->add_option("--range", options.range, "Values the net takes and gives")
      ->check(CLI::IsMember({"auto", "1", "255", "-1..1"}))
      ->capture_default_str();
  command->add_flag("--overwrite", options.overwrite, "Replace a style of this name");
  command->callback([arguments] { import_style(arguments->net, arguments->options); });
}

}  // namespace

void add_styles_command(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  auto* styles = app.add_subcommand("styles", "List, show, add and import styles");
  styles->require_subcommand(0, 1);
  styles->add_flag("--json", *json, "Print JSON");
  styles->fallthrough();
  add_show(*styles, *json);
  add_add(*styles);
  add_import(*styles);
  styles->callback([json, styles] {
    if (styles->get_subcommands().empty()) {
      list_styles(*json);
    }
  });
}

}  // namespace impasto::cli
