#pragma once

#include <cstdint>
#include <string>

#include "media/av.h"

namespace impasto::media {

/// What went through one stream: how much, when, and a hash over all packets' bytes in order.
class PacketTally {
 public:
  /// `hashed`: over all bytes; otherwise packets are only counted and timed.
  explicit PacketTally(bool hashed = true);

  /// Times in `base`.
  void add(const AVPacket& packet, AVRational base);

  [[nodiscard]] std::int64_t packets() const { return packets_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  /// Presentation times in seconds; 0 when there was no packet.
  [[nodiscard]] double first_time() const { return first_; }
  [[nodiscard]] double end_time() const { return end_; }
  /// MD5 in hex over the lengths and bytes of all packets; empty when not hashed. Ends the tally.
  std::string md5();

 private:
  HashPtr hash_;
  std::string result_;
  std::int64_t packets_ = 0;
  std::int64_t bytes_ = 0;
  double first_ = 0;
  double end_ = 0;
};

/// True for the empty samples with which QuickTime containers fill the gaps between subtitles; they
/// come and go with the muxer and show nothing.
bool is_subtitle_filler(const AVPacket& packet, AVCodecID codec);

}  // namespace impasto::media
