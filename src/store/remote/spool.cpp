#include "store/remote/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace impasto::store::remote {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_failure(const std::string& uri, int error_number) {
  std::error_code failure;
  const fs::path folder = fs::temp_directory_path(failure);
  throw Error(ExitCode::unavailable,
              fmt::format("what is to become {} cannot be kept in {} until it is sent ({}); make "
                          "room there or set TMPDIR to another folder, and run the same command "
                          "again",
                          uri, failure ? "TMPDIR" : folder.string(),
                          std::generic_category().message(error_number)));
}

FileDescriptor open_nameless(const std::string& uri) {
  std::error_code failure;
  const fs::path folder = fs::temp_directory_path(failure);
  if (failure) {
    throw_failure(uri, failure.value());
  }
  constexpr mode_t kMode = 0600;
  FileDescriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kMode));
  if (!file.valid()) {  // a file system without nameless files: one that loses its name at once
    std::string name = (folder / "impasto-XXXXXX").string();
    file = FileDescriptor(mkostemp(name.data(), O_CLOEXEC));
    if (!file.valid()) {
      throw_failure(uri, errno);
    }
    unlink(name.c_str());
  }
  return file;
}

}  // namespace

Spool::Spool(std::string uri) : uri_(std::move(uri)), file_(open_nameless(uri_)) {}

void Spool::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_failure(uri_, errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

std::size_t Spool::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t count = pread(file_.get(), into.data() + done, into.size() - done,
                                static_cast<off_t>(offset + done));
    if (count == 0) {
      break;
    }
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_failure(uri_, errno);
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

std::uint64_t Spool::size() const {
  struct stat status = {};
  if (fstat(file_.get(), &status) != 0) {
    throw_failure(uri_, errno);
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace impasto::store::remote
