#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "store/store.h"

namespace impasto::store {

/// How a file is kept while it has no name yet.
enum class Unnamed {
  by_kernel,  ///< O_TMPFILE: even a killed process leaves nothing; a hidden file where that fails.
  by_hidden_file,
};

/// Starts a file that will be called `path`; `uri` is what sentences call it.
/// Throws like `Store::create`.
std::unique_ptr<Sink> create_local(const std::filesystem::path& path, const std::string& uri,
                                   bool overwrite, Unnamed unnamed = Unnamed::by_kernel);

}  // namespace impasto::store
