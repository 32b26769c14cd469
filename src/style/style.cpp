#include "style/style.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/sha256.h"
#include "graph/onnx_file.h"
#include "store/store.h"

namespace impasto::style {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNetFile = "style.onnx";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<fs::path> folders_of_environment() {
  std::vector<fs::path> folders;
  const std::string list = environment("IMPASTO_STYLES");
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find(':', start), list.size());
    if (end > start) {
      folders.emplace_back(list.substr(start, end - start));
    }
    start = end + 1;
  }
  return folders;
}

/// The user's own folder for styles; empty where there is no home.
fs::path home_folder() {
  const std::string data = environment("XDG_DATA_HOME");
  if (!data.empty()) {
    return fs::path(data) / "impasto" / "styles";
  }
  const std::string home = environment("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".local/share/impasto/styles";
}

/// Words for `styles import --name` out of a file's name.
std::string suggested_name(const fs::path& file) {
  const std::string stem = file.stem().string();
  return stem.empty() || stem == "style" ? "NAME" : stem.substr(0, stem.find('_'));
}

/// The net takes and gives pictures: is it a style already, or must it be imported first?
void check_contract(const onnx::ModelProto& model, const graph::Ports& ports,
                    const fs::path& file) {
  const bool size_free = ports.input_shape[2] == -1 && ports.input_shape[3] == -1;
  const bool described = !graph::metadata(model, "name").empty();
  if (ports.input != "image" || !size_free || !described) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is a net that has not been imported as a style yet; run: impasto "
                            "styles import {} --name {}",
                            file.string(), file.string(), suggested_name(file)));
  }
}

Style read(const fs::path& file) {
  const std::string bytes = store::read_all(file.string());
  const onnx::ModelProto model = graph::parse_onnx(bytes, file.string());
  check_contract(model, graph::picture_ports(model, file.string()), file);
  Style style;
  style.file = file;
  style.name = graph::metadata(model, "name");
  style.title = graph::metadata(model, "title");
  style.painting = graph::metadata(model, "painting");
  style.licence = graph::metadata(model, "licence");
  style.author = graph::metadata(model, "author");
  style.stroke = graph::metadata(model, "stroke");
  style.steps = graph::metadata(model, "steps");
  style.losses = graph::metadata(model, "losses");
  style.sha256 = sha256(bytes);
  return style;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// Folders in `folder` that hold a net, by name.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure); !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    if (is_file(entry->path() / kNetFile)) {
      names.push_back(entry->path().filename().string());
    }
  }
  return names;
}

/// Every name there is and the file it stands for; the first folder that has it wins.
std::vector<std::pair<std::string, fs::path>> all_nets() {
  std::vector<std::pair<std::string, fs::path>> nets;
  std::set<std::string> known;
  for (const fs::path& folder : search_folders()) {
    for (const std::string& name : names_in(folder)) {
      if (known.insert(name).second) {
        nets.emplace_back(name, folder / name / kNetFile);
      }
    }
  }
  std::sort(nets.begin(), nets.end());
  return nets;
}

bool looks_like_file(const std::string& text) {
  return text.find('/') != std::string::npos || fs::path(text).extension() == ".onnx";
}

[[noreturn]] void throw_unknown(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, file] : all_nets()) {
    names.push_back(known);
  }
  if (!names.empty()) {
    throw Error(ExitCode::bad_input,
                fmt::format("there is no style or file \"{}\"; the styles are: {}", name,
                            fmt::join(names, ", ")));
  }
  std::vector<std::string> folders;
  for (const fs::path& folder : search_folders()) {
    folders.push_back(folder.string());
  }
  throw Error(ExitCode::bad_input, fmt::format("there is no style \"{}\" and no other in {}", name,
                                               fmt::join(folders, ", ")));
}

}  // namespace

std::vector<fs::path> search_folders() {
  std::vector<fs::path> folders = folders_of_environment();
  if (const fs::path own = home_folder(); !own.empty()) {
    folders.push_back(own);
  }
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure).parent_path();
  if (!failure) {
    folders.push_back((program / ".." / "styles").lexically_normal());
    folders.push_back((program / ".." / "share" / "impasto" / "styles").lexically_normal());
  }
  return folders;
}

fs::path user_folder() {
  const auto given = folders_of_environment();
  if (!given.empty()) {
    return given.front();
  }
  fs::path own = home_folder();
  if (own.empty()) {
    throw Error(ExitCode::usage,
                "there is no folder to keep styles in: neither IMPASTO_STYLES nor HOME is set");
  }
  return own;
}

Style find(const std::string& name_or_file) {
  if (!looks_like_file(name_or_file)) {
    for (const auto& [name, file] : all_nets()) {
      if (name == name_or_file) {
        Style style = read(file);
        style.name = name;
        return style;
      }
    }
    if (!is_file(name_or_file)) {
      throw_unknown(name_or_file);
    }
  }
  std::error_code ignored;
  if (fs::is_directory(name_or_file, ignored)) {
    return read(fs::path(name_or_file) / kNetFile);
  }
  return read(name_or_file);
}

bool is_known(const std::string& name) {
  const std::vector<fs::path> folders = search_folders();
  return !name.empty() && name.find('/') == std::string::npos &&
         std::any_of(folders.begin(), folders.end(),
                     [&](const fs::path& folder) { return is_file(folder / name / kNetFile); });
}

std::vector<Style> list(std::vector<std::string>* problems) {
  std::vector<Style> styles;
  for (const auto& [name, file] : all_nets()) {
    try {
      styles.push_back(read(file));
      styles.back().name = name;  // the folder's name is what `--style` takes
    } catch (const Error& failure) {
      if (problems != nullptr) {
        problems->emplace_back(failure.what());
      }
    }
  }
  return styles;
}

}  // namespace impasto::style
