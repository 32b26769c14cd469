#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace impasto {

/// The widest boundary that SIMD code here asks for: a cache line, or a whole AVX-512 register.
inline constexpr std::size_t kAlignment = 64;

struct AlignedDelete {
  void operator()(std::byte* memory) const noexcept {
    ::operator delete (memory, std::align_val_t{kAlignment});
  }
};

/// Raw memory on a 64-byte boundary.
using AlignedMemory = std::unique_ptr<std::byte, AlignedDelete>;

/// Throws std::bad_alloc. The bytes are not set.
inline AlignedMemory allocate_aligned(std::size_t bytes) {
  return AlignedMemory(
      static_cast<std::byte*>(::operator new (bytes, std::align_val_t{kAlignment})));
}

}  // namespace impasto
