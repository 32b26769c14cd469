#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "store/file_descriptor.h"

namespace impasto::store::remote {

/// A file without a name in the folder for temporary files (TMPDIR, /tmp): what has been written
/// and is still to be sent. Gone with the process, however that ends.
class Spool {
 public:
  /// `uri` is whose content it is, for sentences. Throws Error(unavailable) when there is no room.
  explicit Spool(std::string uri);

  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  /// Fewer bytes only at the end.
  [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const;
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] const FileDescriptor& file() const { return file_; }

 private:
  std::string uri_;
  FileDescriptor file_;
};

}  // namespace impasto::store::remote
