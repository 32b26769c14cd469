#include "store/local_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "store/failure.h"
#include "store/file_io.h"

namespace impasto::store {

std::size_t LocalSource::read_at(std::uint64_t offset, std::span<std::byte> into) {
  try {
    return store::read_at(file_, offset, into);
  } catch (const std::system_error& failure) {
    throw Error(ExitCode::unavailable, read_failure(uri_, failure.code().value()).what());
  }
}

std::uint64_t LocalSource::size() const {
  try {
    return size_of(file_);
  } catch (const std::system_error& failure) {
    throw Error(ExitCode::unavailable, read_failure(uri_, failure.code().value()).what());
  }
}

std::shared_ptr<Source> open_local(const std::filesystem::path& path, const std::string& uri) {
  // O_NONBLOCK: a pipe that nobody writes to must be refused, not waited for.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) {
    throw read_failure(uri, errno);
  }
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) {
    throw read_failure(uri, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    throw read_failure(uri, EISDIR);
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is a pipe or a device, and a video is not read in order; store it "
                            "in a file first",
                            uri));
  }
  return std::make_shared<LocalSource>(std::move(file), uri);
}

}  // namespace impasto::store
