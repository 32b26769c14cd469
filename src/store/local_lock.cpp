#include "store/local_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "store/local_path.h"

namespace impasto::store {

std::optional<LocalLock> LocalLock::take(const std::string& uri) {
  const std::filesystem::path path = local_path(uri);
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  constexpr int kMode = 0644;
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode));
  if (!file.valid()) {
    throw Error(ExitCode::bad_input,
                "'" + uri + "' cannot be made: " + std::generic_category().message(errno));
  }
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return std::nullopt;
  }
  return LocalLock(std::move(file));
}

}  // namespace impasto::store
