#include "store/local.h"

#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "store/failure.h"
#include "store/local_path.h"
#include "store/local_sink.h"
#include "store/local_source.h"

namespace impasto::store {
namespace {

namespace fs = std::filesystem;

/// A file that can be read, or a link to one.
bool is_object(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// What glob(3) finds, freed when it goes.
class Matches {
 public:
  explicit Matches(const std::string& pattern)
      : result_(::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches_)) {}
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;
  ~Matches() { globfree(&matches_); }

  [[nodiscard]] int result() const { return result_; }
  [[nodiscard]] std::span<char* const> paths() const {
    return {matches_.gl_pathv, matches_.gl_pathv == nullptr ? 0 : matches_.gl_pathc};
  }

 private:
  glob_t matches_ = {};
  int result_;
};

}  // namespace

Kind LocalStore::kind(const std::string& uri) {
  struct stat status = {};
  if (stat(local_path(uri).c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return Kind::absent;
    }
    throw read_failure(uri, errno);
  }
  return S_ISDIR(status.st_mode) ? Kind::folder : Kind::object;
}

std::shared_ptr<Source> LocalStore::open(const std::string& uri) {
  return open_local(local_path(uri), uri);
}

std::unique_ptr<Sink> LocalStore::create(const std::string& uri, bool overwrite) {
  return create_local(local_path(uri), uri, overwrite);
}

std::vector<std::string> LocalStore::list(const std::string& folder_uri) {
  std::error_code error;
  fs::directory_iterator entries(local_path(folder_uri), error);
  std::vector<std::string> found;
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    if (!path.filename().string().starts_with('.') && is_object(path)) {
      found.push_back(path.string());
    }
  }
  if (error) {
    throw error == std::errc::not_a_directory
        ? Error(ExitCode::bad_input, fmt::format("{} is a file, not a folder", folder_uri))
        : read_failure(folder_uri, error.value());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> LocalStore::glob(const std::string& pattern) {
  const Matches matches(local_path(pattern).string());
  if (matches.result() == GLOB_NOSPACE) {
    throw Error(ExitCode::unavailable,
                fmt::format("there is not enough memory for what {} matches", pattern));
  }
  std::vector<std::string> found;
  for (const char* path : matches.paths()) {
    if (is_object(path)) {
      found.emplace_back(path);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool LocalStore::same(const std::string& uri, const std::string& other) {
  std::error_code ignored;  // what is not there is nobody's twin
  return fs::equivalent(local_path(uri), local_path(other), ignored);
}

void LocalStore::remove(const std::string& uri) {
  std::error_code error;
  fs::remove_all(local_path(uri), error);
  if (error) {
    throw Error(ExitCode::unavailable, "'" + uri + "' cannot be removed: " + error.message());
  }
}

std::uint64_t LocalStore::free_space(const std::string& uri) {
  std::error_code error;
  fs::path place = fs::absolute(local_path(uri), error);
  while (!fs::exists(place, error) && place != place.parent_path()) {
    place = place.parent_path();
  }
  struct statvfs status = {};
  if (statvfs(place.c_str(), &status) != 0) {
    throw read_failure(uri, errno);
  }
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace impasto::store
