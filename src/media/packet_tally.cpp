#include "media/packet_tally.h"

#include <algorithm>
#include <array>
#include <new>

namespace impasto::media {

PacketTally::PacketTally(bool hashed) {
  if (!hashed) {
    return;
  }
  AVHashContext* hash = nullptr;
  if (av_hash_alloc(&hash, "MD5") < 0) {
    throw std::bad_alloc();
  }
  hash_.reset(hash);
  av_hash_init(hash);
}

void PacketTally::add(const AVPacket& packet, AVRational base) {
  const auto size = static_cast<std::uint32_t>(packet.size);
  const std::array<std::uint8_t, 4> length = {
      static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8),
      static_cast<std::uint8_t>(size >> 16), static_cast<std::uint8_t>(size >> 24)};
  if (hash_) {
    av_hash_update(hash_.get(), length.data(), length.size());
    av_hash_update(hash_.get(), packet.data, static_cast<std::size_t>(packet.size));
  }
  const std::int64_t time = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (time != AV_NOPTS_VALUE) {
    const double start = static_cast<double>(time) * av_q2d(base);
    const double end = start + static_cast<double>(packet.duration) * av_q2d(base);
    first_ = packets_ == 0 ? start : std::min(first_, start);
    end_ = packets_ == 0 ? end : std::max(end_, end);
  }
  ++packets_;
  bytes_ += packet.size;
}

bool is_subtitle_filler(const AVPacket& packet, AVCodecID codec) {
  return codec == AV_CODEC_ID_MOV_TEXT && packet.size == 2 && packet.data[0] == 0 &&
         packet.data[1] == 0;
}

std::string PacketTally::md5() {
  if (hash_ && result_.empty()) {
    std::array<std::uint8_t, 2 * AV_HASH_MAX_SIZE + 4> text{};
    av_hash_final_hex(hash_.get(), text.data(), static_cast<int>(text.size()));
    result_ = reinterpret_cast<const char*>(text.data());
  }
  return result_;
}

}  // namespace impasto::media
