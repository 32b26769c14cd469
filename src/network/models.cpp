#include "network/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "base/error.h"

namespace impasto::network {
namespace {

namespace fs = std::filesystem;

}  // namespace

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  const char* given = std::getenv("IMPASTO_MODELS");
  const std::string list = given == nullptr ? "" : given;
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find(':', start), list.size());
    if (end > start) {
      folders.emplace_back(list.substr(start, end - start));
    }
    start = end + 1;
  }
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure).parent_path();
  if (!failure) {
    folders.push_back((program / ".." / "models").lexically_normal());
    folders.push_back((program / ".." / "share" / "impasto" / "models").lexically_normal());
  }
  return folders;
}

fs::path find_model(const std::string& file_name) {
  std::string looked;
  for (const fs::path& folder : model_folders()) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / file_name, ignored)) {
      return folder / file_name;
    }
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  throw Error(ExitCode::bad_input,
              fmt::format("the base network, which paints by any painting, is missing: there is no "
                          "{} in {}; set IMPASTO_MODELS to the folder that holds it, or choose one "
                          "of 'impasto styles'",
                          file_name, looked));
}

}  // namespace impasto::network
