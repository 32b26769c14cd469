#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct AVMD5;

namespace impasto::store::remote {

using Md5Sum = std::array<std::uint8_t, 16>;

/// MD5, the checksum that stores know, of bytes that come piece by piece.
class Md5 {
 public:
  Md5();
  void update(std::span<const std::byte> bytes);
  Md5Sum end();

 private:
  struct Free {
    void operator()(AVMD5* context) const noexcept;
  };
  std::unique_ptr<AVMD5, Free> context_;
};

Md5Sum md5(std::span<const std::byte> bytes);
std::string hex(std::span<const std::uint8_t> bytes);
std::string base64(std::span<const std::uint8_t> bytes);
/// Empty where it is none.
std::string from_base64(const std::string& text);
/// HMAC-SHA256 in base64.
std::string hmac_sha256(const std::string& key, std::string_view text);

}  // namespace impasto::store::remote
