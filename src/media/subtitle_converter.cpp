#include "media/subtitle_converter.h"

#include <cstring>
#include <new>
#include <string>

#include "base/error.h"

namespace impasto::media {
namespace {

constexpr std::size_t kLargestSubtitle = 1 << 20;

bool is_text(AVCodecID id) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(id);
  return descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_TEXT_SUB) != 0;
}

/// Frees what a decoded subtitle holds.
struct Subtitle {
  AVSubtitle value{};
  Subtitle() = default;
  Subtitle(const Subtitle&) = delete;
  Subtitle& operator=(const Subtitle&) = delete;
  ~Subtitle() { avsubtitle_free(&value); }
};

}  // namespace

AVCodecID text_codec_of(const std::string& muxer) {
  if (muxer == "mp4" || muxer == "mov" || muxer == "ipod") {
    return AV_CODEC_ID_MOV_TEXT;
  }
  if (muxer == "webm") {
    return AV_CODEC_ID_WEBVTT;
  }
  return muxer == "matroska" ? AV_CODEC_ID_SUBRIP : AV_CODEC_ID_NONE;
}

std::unique_ptr<SubtitleConverter> SubtitleConverter::make(const AVStream& from, AVCodecID to) {
  const AVCodec* decoder = avcodec_find_decoder(from.codecpar->codec_id);
  const AVCodec* encoder = avcodec_find_encoder(to);
  if (!is_text(from.codecpar->codec_id) || decoder == nullptr || encoder == nullptr) {
    return nullptr;
  }
  std::unique_ptr<SubtitleConverter> converter(new SubtitleConverter);
  converter->decoder_.reset(avcodec_alloc_context3(decoder));
  converter->encoder_.reset(avcodec_alloc_context3(encoder));
  converter->parameters_.reset(avcodec_parameters_alloc());
  if (!converter->decoder_ || !converter->encoder_ || !converter->parameters_) {
    throw std::bad_alloc();
  }
  AVCodecContext& reading = *converter->decoder_;
  AVCodecContext& writing = *converter->encoder_;
  if (avcodec_parameters_to_context(&reading, from.codecpar) < 0) {
    throw std::bad_alloc();
  }
  reading.pkt_timebase = from.time_base;
  if (avcodec_open2(&reading, decoder, nullptr) < 0) {
    return nullptr;
  }
  writing.time_base = time_base();
  writing.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (reading.subtitle_header != nullptr) {
    writing.subtitle_header = static_cast<std::uint8_t*>(
        av_mallocz(static_cast<std::size_t>(reading.subtitle_header_size) + 1));
    std::memcpy(writing.subtitle_header, reading.subtitle_header,
                static_cast<std::size_t>(reading.subtitle_header_size));
    writing.subtitle_header_size = reading.subtitle_header_size;
  }
  if (avcodec_open2(&writing, encoder, nullptr) < 0 ||
      avcodec_parameters_from_context(converter->parameters_.get(), &writing) < 0) {
    return nullptr;
  }
  converter->buffer_.resize(kLargestSubtitle);
  return converter;
}

PacketPtr SubtitleConverter::convert(const AVPacket& packet, AVRational base) {
  Subtitle subtitle;
  int found = 0;
  const PacketPtr input = share(packet);
  if (avcodec_decode_subtitle2(decoder_.get(), &subtitle.value, &found, input.get()) < 0) {
    throw Error(ExitCode::bad_input,
                "a subtitle cannot be read; use .mkv, which holds it as it is");
  }
  if (found == 0 || subtitle.value.num_rects == 0) {
    return nullptr;
  }
  subtitle.value.pts = av_rescale_q(packet.pts, base, AV_TIME_BASE_Q);
  subtitle.value.start_display_time = 0;
  const int size = avcodec_encode_subtitle(encoder_.get(), buffer_.data(),
                                           static_cast<int>(buffer_.size()), &subtitle.value);
  if (size <= 0) {
    return nullptr;
  }
  PacketPtr result = make_packet();
  if (av_new_packet(result.get(), size) < 0) {
    throw std::bad_alloc();
  }
  std::memcpy(result->data, buffer_.data(), static_cast<std::size_t>(size));
  result->pts = av_rescale_q(packet.pts, base, time_base());
  result->dts = result->pts;
  result->duration = av_rescale_q(packet.duration, base, time_base());
  result->flags |= AV_PKT_FLAG_KEY;
  return result;
}

}  // namespace impasto::media
