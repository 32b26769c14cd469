#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "media/av.h"
#include "media/encoder.h"
#include "media/reader.h"

namespace impasto::media {

/// What becomes of one stream of the input.
struct StreamPlan {
  enum class Fate {
    painted,    ///< Decoded, painted, encoded.
    copied,     ///< Packet for packet.
    converted,  ///< A text subtitle in the container's own text form.
    attached,   ///< Kept as an attachment (covers in Matroska).
    rewritten,  ///< The muxer makes it anew from tags or chapters (QuickTime's chapter track).
    dropped,    ///< The container cannot hold it.
  };
  int source = -1;
  Fate fate = Fate::copied;
  AVCodecID subtitle_codec = AV_CODEC_ID_NONE;  ///< For `converted`.
  std::string description;                      ///< "subtitle stream 3 (subrip, eng)".
};

/// Everything that decides how the output is laid out; made before the first frame is painted.
struct OutputPlan {
  const AVOutputFormat* muxer = nullptr;
  EncodeOptions encode;
  EncodeFormat format;              ///< What the encoder gets.
  AVPixelFormat work_format{};      ///< The planar format frames are blended in before.
  std::vector<StreamPlan> streams;  ///< One for each input stream, in order.
  bool free_tags = false;           ///< mp4, mov: tags of any name, in the QuickTime form.
  std::int64_t shift = 0;           ///< In AV_TIME_BASE units, taken off every time.
  std::vector<std::string> losses;  ///< Sentences: what the container cannot hold.
  std::vector<std::string> notes;   ///< Sentences: what is done differently from the source.
};

/// The extensions of the containers that hold every frame at its own time: "mp4", "mkv", ...
const std::vector<std::string>& video_extensions();
/// "png", "jpg", "jpeg", "webp".
const std::vector<std::string>& still_extensions();
/// The part after the last dot, in lower case.
std::string extension_of(const std::string& uri);
/// True for an output that is a single picture.
bool is_still_output(const std::string& uri);

/// Chooses container, codec and pixel format for `output_uri` and plans every stream.
/// `painted_size`: {0,0} keeps the input's. Throws Error(usage or bad_input) for an extension
/// without a container, a codec that the container cannot hold, or a size that the codec cannot.
OutputPlan plan_output(const Reader& reader, const std::string& output_uri,
                       const EncodeOptions& options, Size painted_size);

/// For each stream of the plan, the stream of the read-back output that it became, or null: readers
/// keep the order of tracks within a kind, but may move attachments and covers to the end.
std::vector<const AVStream*> match_streams(const OutputPlan& plan, const AVFormatContext& input,
                                           const AVFormatContext& output);

/// "audio stream 1 (aac, eng)".
std::string describe(const AVStream& stream);

}  // namespace impasto::media
