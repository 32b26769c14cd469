#pragma once

// The one place where libav's handles get their owners and its error codes their words.

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libavutil/hash.h>
#include <libavutil/pixdesc.h>
}

#include <memory>
#include <string>

namespace impasto::media {

struct AvDelete {
  void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
  void operator()(AVCodecContext* context) const noexcept { avcodec_free_context(&context); }
  void operator()(AVCodecParameters* parameters) const noexcept {
    avcodec_parameters_free(&parameters);
  }
  void operator()(AVFilterGraph* graph) const noexcept { avfilter_graph_free(&graph); }
  void operator()(AVFilterInOut* ends) const noexcept { avfilter_inout_free(&ends); }
  void operator()(AVHashContext* hash) const noexcept { av_hash_freep(&hash); }
  void operator()(AVIOContext* io) const noexcept {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};

struct InputClose {
  void operator()(AVFormatContext* format) const noexcept { avformat_close_input(&format); }
};
struct OutputClose {
  void operator()(AVFormatContext* format) const noexcept { avformat_free_context(format); }
};

using FramePtr = std::unique_ptr<AVFrame, AvDelete>;
using PacketPtr = std::unique_ptr<AVPacket, AvDelete>;
using CodecContextPtr = std::unique_ptr<AVCodecContext, AvDelete>;
using CodecParametersPtr = std::unique_ptr<AVCodecParameters, AvDelete>;
using FilterGraphPtr = std::unique_ptr<AVFilterGraph, AvDelete>;
using FilterEndsPtr = std::unique_ptr<AVFilterInOut, AvDelete>;
using HashPtr = std::unique_ptr<AVHashContext, AvDelete>;
using IoContextPtr = std::unique_ptr<AVIOContext, AvDelete>;
using InputFormatPtr = std::unique_ptr<AVFormatContext, InputClose>;
using OutputFormatPtr = std::unique_ptr<AVFormatContext, OutputClose>;

/// A dictionary of options or tags with an owner.
class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;
  ~Dictionary() { av_dict_free(&dictionary_); }

  void set(const std::string& key, const std::string& value) {
    av_dict_set(&dictionary_, key.c_str(), value.c_str(), 0);
  }
  AVDictionary** out() { return &dictionary_; }
  [[nodiscard]] const AVDictionary* get() const { return dictionary_; }

 private:
  AVDictionary* dictionary_ = nullptr;
};

/// What libav says of an error code.
std::string av_error_text(int code);

/// Empty frame or packet; throws std::bad_alloc.
FramePtr make_frame();
PacketPtr make_packet();
/// A new reference to the same data.
FramePtr share(const AVFrame& frame);
PacketPtr share(const AVPacket& packet);
/// A frame with buffers of its own for this format and size; throws std::bad_alloc.
FramePtr make_picture_frame(AVPixelFormat format, int width, int height);

/// libav's messages go to nobody unless `verbose`: what a user must know is said by Impasto itself.
/// To be called before there are threads.
void set_av_log(bool verbose);

}  // namespace impasto::media
