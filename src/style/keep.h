#pragma once

#include <filesystem>
#include <string>

#include "style/style.h"

namespace impasto::style {

struct KeepOptions {
  std::string name;
  // Where these are empty, the style keeps what it says of itself.
  std::string title;
  std::string painting;
  std::string licence;
  std::string author;
  bool overwrite = false;
};

/// Copies a style into `folder` under a name and a description of its own, whole or not at all.
/// Throws like `place_for` and store::write_all.
Style keep(const Style& style, const std::filesystem::path& folder, const KeepOptions& options);

/// The file of a style of this name in `folder`. Throws Error(usage) for what cannot be a name,
/// Error(bad_input) when there is one already and it is not to be overwritten.
std::filesystem::path place_for(const std::filesystem::path& folder, const std::string& name,
                                bool overwrite);

}  // namespace impasto::style
