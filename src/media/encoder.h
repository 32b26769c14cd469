#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/size.h"
#include "media/av.h"
#include "media/colour.h"

namespace impasto::media {

/// What a user may say about the encoding; empty fields take the codec's default.
struct EncodeOptions {
  std::string codec;           ///< h264, hevc, av1, vp9, ffv1, prores; png, jpeg, webp for stills.
  std::optional<int> quality;  ///< The codec's own scale; `describe_codecs` tells it.
  std::string preset;          ///< The encoder's own word or number for speed.
  int threads = 0;             ///< 0: one a core.
};

/// What is to be encoded.
struct EncodeFormat {
  AVPixelFormat format = AV_PIX_FMT_NONE;
  Size size;
  AVRational sample_aspect{0, 1};
  AVRational time_base{1, 1};
  AVRational frame_rate{0, 1};
  Colour colour;
};

/// A codec by the name that `--codec` takes.
struct CodecInfo {
  std::string name;
  std::string encoder;  ///< libav's name of the encoder used; empty when this machine has none.
  bool still = false;
};

/// All codecs that Impasto encodes to.
std::vector<CodecInfo> describe_codecs();

/// The codec id behind a name. Throws Error(usage) with the names there are.
AVCodecID codec_id(const std::string& name);

/// The format nearest to `source` that the codec's encoder takes: no fewer bits and no coarser
/// chroma where it can be had; grey becomes 4:2:0, since a painting has colours. Throws
/// Error(bad_input) when this machine has no encoder for the codec.
AVPixelFormat encode_format_for(const std::string& codec, AVPixelFormat source);

/// True when the codec cannot hold odd sizes in a format that shares chroma between pixels.
bool needs_even_size(const std::string& codec);

/// One video encoder. Frames in, packets out, in the time base of `EncodeFormat`.
class Encoder {
 public:
  /// `global_header`: the container wants the parameter sets in its header.
  /// Throws Error(usage) for a quality or preset that the codec does not know, Error(bad_input)
  /// when the encoder refuses the format.
  Encoder(const EncodeOptions& options, const EncodeFormat& format, bool global_header);

  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  ~Encoder();

  /// Puts a frame in; null ends the stream. Throws Error(bug) when the encoder fails.
  void send(const AVFrame* frame);
  /// The next packet, or null when more frames are wanted (or all is out).
  PacketPtr receive();

  [[nodiscard]] const AVCodecContext& context() const { return *context_; }
  /// The encoder's settings in words, for reports: "libx264 crf 18 superfast".
  [[nodiscard]] const std::string& description() const { return description_; }

 private:
  CodecContextPtr context_;
  std::string description_;
  std::int64_t frames_ = 0;  ///< Put in so far.
};

}  // namespace impasto::media
