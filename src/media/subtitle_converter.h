#pragma once

#include <vector>

#include "media/av.h"

namespace impasto::media {

/// Brings text subtitles into another container's text form (SubRip to mov_text, say).
class SubtitleConverter {
 public:
  /// Null when one of the two is no text codec or unknown here.
  static std::unique_ptr<SubtitleConverter> make(const AVStream& from, AVCodecID to);

  /// What the stream in the output has to declare; time base milliseconds.
  [[nodiscard]] const AVCodecParameters& parameters() const { return *parameters_; }
  [[nodiscard]] static AVRational time_base() { return {1, 1000}; }
  /// The packet in the new form, at its own time; null for one that holds nothing to show.
  /// Throws Error(bad_input) when it cannot be read.
  PacketPtr convert(const AVPacket& packet, AVRational base);

 private:
  SubtitleConverter() = default;

  CodecContextPtr decoder_;
  CodecContextPtr encoder_;
  CodecParametersPtr parameters_;
  std::vector<std::uint8_t> buffer_;
};

/// The text codec of a container (by its muxer's name), AV_CODEC_ID_NONE when it has none.
AVCodecID text_codec_of(const std::string& muxer);

}  // namespace impasto::media
