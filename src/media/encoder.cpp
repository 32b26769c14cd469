#include "media/encoder.h"

#include <algorithm>
#include <array>
#include <functional>
#include <new>
#include <string_view>

#include "base/error.h"
#include "base/processors.h"

namespace impasto::media {
namespace {

constexpr std::array<std::string_view, 10> kX26xPresets = {
    "ultrafast", "superfast", "veryfast", "faster",   "fast",
    "medium",    "slow",      "slower",   "veryslow", "placebo"};
constexpr std::array<const char*, 6> kProresProfiles = {"proxy", "lt",   "standard",
                                                        "hq",    "4444", "4444xq"};

/// What an encoder understands as quality and preset, and how it is told.
struct Codec {
  std::string_view name;
  AVCodecID id;
  std::array<const char*, 2> encoders;  ///< The first that this machine has is taken.
  int best_quality;                     ///< best == worst: there is no quality to choose.
  int worst_quality;
  int default_quality;
  std::string_view default_preset;  ///< Empty: there is none.
  int fastest_preset;               ///< For numbered presets, 0..fastest; -1: presets by word.
  bool needs_even;
  bool still;
};

// Defaults: h264's are chosen by bench/RESULTS.md, the others to look alike.
constexpr std::array<Codec, 9> kCodecs = {{
    {"h264", AV_CODEC_ID_H264, {"libx264", nullptr}, 0, 51, 18, "superfast", -1, true, false},
    {"hevc", AV_CODEC_ID_HEVC, {"libx265", nullptr}, 0, 51, 20, "superfast", -1, true, false},
    {"av1", AV_CODEC_ID_AV1, {"libsvtav1", "libaom-av1"}, 1, 63, 28, "10", 13, true, false},
    {"vp9", AV_CODEC_ID_VP9, {"libvpx-vp9", nullptr}, 0, 63, 26, "6", 8, false, false},
    {"ffv1", AV_CODEC_ID_FFV1, {"ffv1", nullptr}, 0, 0, 0, "", -1, false, false},
    {"prores", AV_CODEC_ID_PRORES, {"prores_ks", nullptr}, 5, 0, 3, "", -1, true, false},
    {"png", AV_CODEC_ID_PNG, {"png", nullptr}, 0, 0, 0, "", -1, false, true},
    {"jpeg", AV_CODEC_ID_MJPEG, {"mjpeg", nullptr}, 1, 31, 2, "", -1, false, true},
    {"webp", AV_CODEC_ID_WEBP, {"libwebp", nullptr}, 100, 0, 90, "", -1, false, true},
}};

std::string codec_names() {
  std::string names;
  for (const Codec& codec : kCodecs) {
    if (!codec.still) {
      names += (names.empty() ? "" : ", ") + std::string(codec.name);
    }
  }
  return names;
}

const Codec& find_codec(const std::string& name) {
  const auto* found =
      std::find_if(kCodecs.begin(), kCodecs.end(), [&](const Codec& c) { return c.name == name; });
  if (found == kCodecs.end()) {
    throw Error(ExitCode::usage,
                "there is no codec '" + name + "'; choose one of " + codec_names());
  }
  return *found;
}

bool takes(const char* encoder, Size size) {
  constexpr int kLeastOfSvtAv1 = 64;
  return std::string_view(encoder) != "libsvtav1" ||
         (size.width >= kLeastOfSvtAv1 && size.height >= kLeastOfSvtAv1);
}

const AVCodec* find_encoder(const Codec& codec, Size size = {1280, 720}) {
  for (const char* name : codec.encoders) {
    const AVCodec* encoder = name != nullptr ? avcodec_find_encoder_by_name(name) : nullptr;
    if (encoder != nullptr && takes(name, size)) {
      return encoder;
    }
  }
  return nullptr;
}

const AVCodec& require_encoder(const Codec& codec, Size size = {1280, 720}) {
  const AVCodec* encoder = find_encoder(codec, size);
  if (encoder == nullptr) {
    throw Error(ExitCode::bad_input, "this machine's libavcodec has no encoder for " +
                                         std::string(codec.name) + "; choose another --codec");
  }
  return *encoder;
}

int checked_quality(const Codec& codec, const std::optional<int>& asked) {
  if (!asked) {
    return codec.default_quality;
  }
  if (codec.best_quality == codec.worst_quality) {
    throw Error(ExitCode::usage, std::string(codec.name) + " is lossless and takes no --quality");
  }
  const auto [low, high] = std::minmax(codec.best_quality, codec.worst_quality);
  if (*asked < low || *asked > high) {
    throw Error(ExitCode::usage, "--quality " + std::to_string(*asked) + " is not a quality of " +
                                     std::string(codec.name) + "; it goes from " +
                                     std::to_string(codec.best_quality) + " (best) to " +
                                     std::to_string(codec.worst_quality));
  }
  return *asked;
}

std::string checked_preset(const Codec& codec, const std::string& asked) {
  if (asked.empty()) {
    return std::string(codec.default_preset);
  }
  if (codec.default_preset.empty()) {
    throw Error(ExitCode::usage, std::string(codec.name) + " has no presets; leave --preset out");
  }
  if (codec.fastest_preset < 0) {
    if (std::find(kX26xPresets.begin(), kX26xPresets.end(), asked) == kX26xPresets.end()) {
      throw Error(ExitCode::usage,
                  "'" + asked + "' is not a preset of " + std::string(codec.name) +
                      "; they go from ultrafast and superfast over medium to placebo");
    }
    return asked;
  }
  const bool number =
      !asked.empty() && asked.size() <= 2 &&
      std::all_of(asked.begin(), asked.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number || std::stoi(asked) > codec.fastest_preset) {
    throw Error(ExitCode::usage, "'" + asked + "' is not a preset of " + std::string(codec.name) +
                                     "; they go from 0 (slowest) to " +
                                     std::to_string(codec.fastest_preset));
  }
  return asked;
}

/// Fills in the encoder's options; returns them in words.
std::string set_options(const Codec& codec, std::string_view encoder, int quality,
                        const std::string& preset, AVCodecContext& context, Dictionary& options) {
  const std::string q = std::to_string(quality);
  if (encoder == "libx264" || encoder == "libx265") {
    options.set("preset", preset);
    options.set("crf", q);
    if (encoder == "libx264" && is_huge({context.width, context.height})) {
      // With all that x264 keeps for a frame, 200 MB at 8K: no more of them than the two it needs.
      context.max_b_frames = 0;
      context.thread_type = FF_THREAD_SLICE;
    }
    if (encoder == "libx265") {
      // x265 3.5 writes past the end of a row of its tree of costs where pictures are this narrow.
      constexpr int kNarrow = 64;
      options.set("x265-params",
                  context.width < kNarrow ? "log-level=none:cutree=0" : "log-level=none");
    }
    return "crf " + q + " " + preset;
  }
  if (encoder == "libsvtav1") {
    options.set("preset", preset);
    options.set("crf", q);
    return "crf " + q + " preset " + preset;
  }
  if (encoder == "libaom-av1" || encoder == "libvpx-vp9") {
    options.set("cpu-used", std::to_string(std::min(std::stoi(preset), 8)));
    options.set("crf", q);
    options.set("row-mt", "1");
    context.bit_rate = 0;
    return "crf " + q + " cpu-used " + preset;
  }
  if (encoder == "ffv1") {
    context.level = 3;
    constexpr int kSmall = 352 * 288;  // more slices do not fit
    context.slices = context.width * context.height > kSmall ? 4 : 1;
    context.gop_size = 1;
    options.set("slicecrc", "1");
    return "lossless";
  }
  if (encoder == "prores_ks") {
    options.set("profile", kProresProfiles.at(static_cast<std::size_t>(quality)));
    options.set("vendor", "apl0");
    return kProresProfiles.at(static_cast<std::size_t>(quality));
  }
  if (encoder == "mjpeg") {
    context.flags |= AV_CODEC_FLAG_QSCALE;
    context.global_quality = FF_QP2LAMBDA * quality;
    return "quality " + q;
  }
  if (encoder == "libwebp") {
    options.set("quality", q);
    return "quality " + q;
  }
  return std::string(codec.name) == "png" ? "lossless" : "";
}

}  // namespace

std::vector<CodecInfo> describe_codecs() {
  std::vector<CodecInfo> result;
  for (const Codec& codec : kCodecs) {
    const AVCodec* encoder = find_encoder(codec);
    result.push_back(
        {std::string(codec.name), encoder != nullptr ? encoder->name : "", codec.still});
  }
  return result;
}

AVCodecID codec_id(const std::string& name) { return find_codec(name).id; }

bool needs_even_size(const std::string& codec) { return find_codec(codec).needs_even; }

AVPixelFormat encode_format_for(const std::string& name, AVPixelFormat source) {
  const Codec& codec = find_codec(name);
  const AVCodec& encoder = require_encoder(codec);
  const AVPixFmtDescriptor& description = *av_pix_fmt_desc_get(source);
  if (description.nb_components <= 2 && !codec.still) {
    source = description.comp[0].depth > 8 ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
  } else if (description.nb_components <= 2) {
    source = description.comp[0].depth > 8 ? AV_PIX_FMT_GBRP16LE : AV_PIX_FMT_GBRP;
  }
  if (encoder.pix_fmts == nullptr) {
    return source;
  }
  const bool alpha = (av_pix_fmt_desc_get(source)->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
  int loss = 0;
  return avcodec_find_best_pix_fmt_of_list(encoder.pix_fmts, source, alpha ? 1 : 0, &loss);
}

Encoder::Encoder(const EncodeOptions& options, const EncodeFormat& format, bool global_header) {
  const Codec& codec = find_codec(options.codec);
  const AVCodec& encoder = require_encoder(codec, format.size);
  context_.reset(avcodec_alloc_context3(&encoder));
  if (!context_) {
    throw std::bad_alloc();
  }
  AVCodecContext& context = *context_;
  context.pix_fmt = format.format;
  context.width = format.size.width;
  context.height = format.size.height;
  context.sample_aspect_ratio = format.sample_aspect;
  context.time_base = format.time_base;
  context.framerate = format.frame_rate;
  context.color_range = format.colour.range;
  context.colorspace = format.colour.matrix;
  context.color_primaries = format.colour.primaries;
  context.color_trc = format.colour.transfer;
  context.chroma_sample_location = format.colour.chroma_location;
  context.strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;  // mjpeg in limited range
  context.thread_count = options.threads > 0 ? options.threads : usable_processors();
  if (global_header) {
    context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  }
  const int quality = checked_quality(codec, options.quality);
  const std::string preset = checked_preset(codec, options.preset);
  Dictionary settings;
  const std::string words = set_options(codec, encoder.name, quality, preset, context, settings);
  description_ = std::string(encoder.name) + (words.empty() ? "" : " " + words);
  const int opened = avcodec_open2(&context, &encoder, settings.out());
  if (opened < 0) {
    throw Error(ExitCode::bad_input,
                std::string(encoder.name) + " refuses " + to_string(format.size) + " " +
                    av_get_pix_fmt_name(format.format) + " (" + av_error_text(opened) +
                    "); choose another --codec or --size");
  }
}

Encoder::~Encoder() {
  if (frames_ > 0 || std::string_view(context_->codec->name) != "libsvtav1") {
    return;
  }
  // SVT-AV1 1.4 waits for ever when it is closed before its first frame.
  try {
    const FramePtr blank = make_picture_frame(context_->pix_fmt, context_->width, context_->height);
    blank->pts = 0;
    avcodec_send_frame(context_.get(), blank.get());
    avcodec_send_frame(context_.get(), nullptr);
    while (receive()) {
    }
  } catch (const std::exception&) {
    return;  // nothing is left to be saved here
  }
}

void Encoder::send(const AVFrame* frame) {
  frames_ += frame != nullptr ? 1 : 0;
  const int code = avcodec_send_frame(context_.get(), frame);
  if (code < 0 && code != AVERROR_EOF) {
    throw Error(ExitCode::bug, "encoding a frame with " + description_ + " failed (" +
                                   av_error_text(code) + "); try another --codec");
  }
}

PacketPtr Encoder::receive() {
  PacketPtr packet = make_packet();
  const int code = avcodec_receive_packet(context_.get(), packet.get());
  if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
    return nullptr;
  }
  if (code < 0) {
    throw Error(ExitCode::bug, "encoding with " + description_ + " failed (" + av_error_text(code) +
                                   "); try another --codec");
  }
  // x265 3.5 works its decoding times out from the third frame on; before, they are never set.
  if (frames_ < 3 && std::string_view(context_->codec->name) == "libx265") {
    packet->dts = packet->pts;  // so few are not reordered
  }
  return packet;
}

}  // namespace impasto::media
