#include "store/file_io.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace impasto::store {
namespace {

[[noreturn]] void throw_error() { throw std::system_error(errno, std::generic_category()); }

}  // namespace

std::size_t read_at(const FileDescriptor& file, std::uint64_t offset, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t count = pread(file.get(), into.data() + done, into.size() - done,
                                static_cast<off_t>(offset + done));
    if (count == 0) {
      break;
    }
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_error();
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void write_at(const FileDescriptor& file, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_error();
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

std::uint64_t size_of(const FileDescriptor& file) {
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) {
    throw_error();
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace impasto::store
