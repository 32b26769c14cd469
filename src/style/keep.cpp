#include "style/keep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "graph/onnx_file.h"
#include "store/store.h"

namespace impasto::style {
namespace {

void check_name(const std::string& name) {
  const bool legal =
      !name.empty() && name.front() != '.' &&
      std::all_of(name.begin(), name.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '-' || letter == '_' || letter == '.';
      });
  if (!legal) {
    throw Error(
        ExitCode::usage,
        fmt::format("\"{}\" cannot be a style's name; take letters, digits, - and _", name));
  }
}

}  // namespace

std::filesystem::path place_for(const std::filesystem::path& folder, const std::string& name,
                                bool overwrite) {
  check_name(name);
  std::filesystem::path target = folder / name / "style.onnx";
  if (!overwrite && store::for_uri(target).kind(target) != store::Kind::absent) {
    throw Error(ExitCode::bad_input,
                fmt::format("there is a style \"{}\" already, {}; choose another name or say "
                            "--overwrite",
                            name, target.string()));
  }
  return target;
}

Style keep(const Style& style, const std::filesystem::path& folder, const KeepOptions& options) {
  const std::filesystem::path target = place_for(folder, options.name, options.overwrite);
  const std::string file = style.file.string();
  onnx::ModelProto model = graph::parse_onnx(store::read_all(file), file);
  const auto say = [&](const char* key, const std::string& given, const std::string& else_) {
    graph::set_metadata(model, key, given.empty() ? else_ : given);
  };
  say("name", options.name, "");
  say("title", options.title, style.title);
  say("painting", options.painting, style.painting);
  say("licence", options.licence, style.licence);
  say("author", options.author, style.author);
  store::write_all(target, model.SerializeAsString(), options.overwrite);
  return find(target);
}

}  // namespace impasto::style
