#pragma once

#include <filesystem>
#include <string>

#include "store/file_descriptor.h"
#include "store/store.h"

namespace impasto::store {

/// A file being read, or one still being written that is read again: its size is asked for anew
/// each time. Thread-safe.
class LocalSource : public Source {
 public:
  LocalSource(FileDescriptor file, std::string uri)
      : file_(std::move(file)), uri_(std::move(uri)) {}

  std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) override;
  [[nodiscard]] std::uint64_t size() const override;
  [[nodiscard]] const std::string& uri() const override { return uri_; }

 private:
  FileDescriptor file_;
  std::string uri_;
};

/// Opens a regular file; whatever cannot be read at any place (a pipe, a terminal) is refused,
/// since media files are not read in order. Throws like `Store::open`.
std::shared_ptr<Source> open_local(const std::filesystem::path& path, const std::string& uri);

}  // namespace impasto::store
