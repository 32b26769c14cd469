#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "store/file_descriptor.h"

namespace impasto::store {

// Whole reads and writes of open files, whatever pieces the system does them in. All throw
// std::system_error; who knows what the file is to its user makes a sentence of it.

/// Fewer bytes than `into` has only at the end of the file.
std::size_t read_at(const FileDescriptor& file, std::uint64_t offset, std::span<std::byte> into);
void write_at(const FileDescriptor& file, std::uint64_t offset, std::span<const std::byte> bytes);
std::uint64_t size_of(const FileDescriptor& file);

}  // namespace impasto::store
