#include "store/remote/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "store/file_io.h"

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
  try {
    store::write_at(file_, offset, bytes);
  } catch (const std::system_error& failure) {
    throw_failure(uri_, failure.code().value());
  }
}

std::size_t Spool::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  try {
    return store::read_at(file_, offset, into);
  } catch (const std::system_error& failure) {
    throw_failure(uri_, failure.code().value());
  }
}

std::uint64_t Spool::size() const {
  try {
    return size_of(file_);
  } catch (const std::system_error& failure) {
    throw_failure(uri_, failure.code().value());
  }
}

}  // namespace impasto::store::remote
