#pragma once

#include <optional>
#include <string>

#include "store/file_descriptor.h"

namespace impasto::store {

/// Keeps something of this machine's for one process alone, until it is destroyed or the process
/// ends, however that ends.
class LocalLock {
 public:
  /// Nothing when another process holds it. The file is made where it is missing, with the folders
  /// above it; where the disk knows no locks, everybody gets one. Throws Error(bad_input) when the
  /// file cannot be made.
  static std::optional<LocalLock> take(const std::string& uri);

 private:
  explicit LocalLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

}  // namespace impasto::store
