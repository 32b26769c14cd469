#pragma once

#include <string>

namespace impasto {

/// Width and height in pixels.
struct Size {
  int width = 0;
  int height = 0;

  friend bool operator==(const Size&, const Size&) = default;
};

/// "1280x720".
inline std::string to_string(const Size& size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

/// Frames of so many pixels, 8K, are handled one by one wherever speed would take more memory.
constexpr bool is_huge(const Size& size) {
  constexpr long long kHuge = 16'000'000;
  return static_cast<long long>(size.width) * size.height > kHuge;
}

}  // namespace impasto
