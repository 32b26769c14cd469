#include "store/remote/digest.h"

extern "C" {
#include <libavutil/base64.h>
#include <libavutil/hmac.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
}
#include <fmt/format.h>

#include <new>

namespace impasto::store::remote {
namespace {

const std::uint8_t* data_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

struct HmacFree {
  void operator()(AVHMAC* context) const noexcept { av_hmac_free(context); }
};

}  // namespace

void Md5::Free::operator()(AVMD5* context) const noexcept { av_free(context); }

Md5::Md5() : context_(av_md5_alloc()) {
  if (!context_) {
    throw std::bad_alloc();
  }
  av_md5_init(context_.get());
}

void Md5::update(std::span<const std::byte> bytes) {
  av_md5_update(context_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

Md5Sum Md5::end() {
  Md5Sum sum{};
  av_md5_final(context_.get(), sum.data());
  return sum;
}

Md5Sum md5(std::span<const std::byte> bytes) {
  Md5 sum;
  sum.update(bytes);
  return sum.end();
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

std::string base64(std::span<const std::uint8_t> bytes) {
  const auto size = static_cast<int>(bytes.size());
  std::string text(AV_BASE64_SIZE(bytes.size()), '\0');
  av_base64_encode(text.data(), static_cast<int>(text.size()), bytes.data(), size);
  text.pop_back();  // the zero at its end
  return text;
}

std::string from_base64(const std::string& text) {
  std::string bytes(AV_BASE64_DECODE_SIZE(text.size()) + 3, '\0');
  const int size = av_base64_decode(reinterpret_cast<std::uint8_t*>(bytes.data()), text.c_str(),
                                    static_cast<int>(bytes.size()));
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

std::string hmac_sha256(const std::string& key, std::string_view text) {
  constexpr std::size_t kBytes = 32;
  const std::unique_ptr<AVHMAC, HmacFree> context(av_hmac_alloc(AV_HMAC_SHA256));
  if (!context) {
    throw std::bad_alloc();
  }
  std::array<std::uint8_t, kBytes> sum{};
  av_hmac_calc(context.get(), data_of(text), static_cast<unsigned>(text.size()), data_of(key),
               static_cast<unsigned>(key.size()), sum.data(), kBytes);
  return base64(sum);
}

}  // namespace impasto::store::remote
