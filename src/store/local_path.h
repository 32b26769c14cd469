#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace impasto::store {

/// The scheme of a URI ("file", "https"), or nothing for a plain path.
std::optional<std::string> scheme_of(std::string_view uri);

/// The local path that a plain path or a file:// URI stands for (percent escapes are read in the
/// latter only). Throws Error(usage) for a file:// URI of another host.
std::filesystem::path local_path(const std::string& uri);

}  // namespace impasto::store
