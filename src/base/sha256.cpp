#include "base/sha256.h"

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/sha.h>
}
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <memory>
#include <new>

namespace impasto {
namespace {

struct ShaFree {
  void operator()(AVSHA* context) const noexcept { av_free(context); }
};

}  // namespace

std::string sha256(std::string_view bytes) {
  constexpr int kBits = 256;
  const std::unique_ptr<AVSHA, ShaFree> context(av_sha_alloc());
  if (!context) {
    throw std::bad_alloc();
  }
  av_sha_init(context.get(), kBits);
  av_sha_update(context.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::array<std::uint8_t, kBits / 8> digest{};
  av_sha_final(context.get(), digest.data());
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

}  // namespace impasto
