#include "job/file_cache.h"

#include <algorithm>
#include <cstddef>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "store/store.h"

#include <cstdlib>

namespace impasto::job {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMost = 48;  // of about 3 MB each

fs::path make_temporary_folder() {
  std::string name = (fs::temp_directory_path() / "impasto-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Error(ExitCode::unavailable,
                "nothing can be written, neither in the cache's folder nor in " + name +
                    "; make room there or set XDG_CACHE_HOME or TMPDIR to another folder");
  }
  return name;
}

}  // namespace

FileCache::~FileCache() {
  if (!temporary_.empty()) {
    std::error_code ignored;
    fs::remove_all(temporary_, ignored);
  }
}

std::optional<fs::path> FileCache::find(const std::string& key) const {
  for (const fs::path& folder : {folder_, temporary_}) {
    std::error_code failure;
    if (!folder.empty() && fs::is_regular_file(folder / name_for(key), failure)) {
      fs::last_write_time(folder / name_for(key), fs::file_time_type::clock::now(), failure);
      return folder / name_for(key);
    }
  }
  return std::nullopt;
}

/// Removes what was used longest ago.
void FileCache::trim() const {
  std::vector<fs::directory_entry> files;
  std::error_code failure;
  for (fs::directory_iterator entry(folder_, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry->path().extension() == extension_) {
      files.push_back(*entry);
    }
  }
  const auto used = [](const fs::directory_entry& file) {
    std::error_code gone;
    return file.last_write_time(gone);
  };
  std::sort(files.begin(), files.end(),
            [&](const auto& one, const auto& other) { return used(one) > used(other); });
  for (std::size_t index = kMost; index < files.size(); ++index) {
    fs::remove(files[index], failure);
  }
}

fs::path FileCache::keep(const std::string& key, std::string_view bytes) {
  if (!folder_.empty()) {
    try {
      fs::path file = folder_ / name_for(key);
      store::write_all(file.string(), bytes, true);
      trim();
      return file;
    } catch (const Error&) {  // a home that is full or read-only is no reason not to paint
    }
  }
  if (temporary_.empty()) {
    temporary_ = make_temporary_folder();
  }
  fs::path file = temporary_ / name_for(key);
  store::write_all(file.string(), bytes, true);
  return file;
}

}  // namespace impasto::job
