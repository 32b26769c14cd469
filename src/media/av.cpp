#include "media/av.h"

#include <array>
#include <cstdlib>
#include <new>

namespace impasto::media {

std::string av_error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

FramePtr make_frame() {
  FramePtr frame(av_frame_alloc());
  if (!frame) {
    throw std::bad_alloc();
  }
  return frame;
}

PacketPtr make_packet() {
  PacketPtr packet(av_packet_alloc());
  if (!packet) {
    throw std::bad_alloc();
  }
  return packet;
}

FramePtr share(const AVFrame& frame) {
  FramePtr other(av_frame_clone(&frame));
  if (!other) {
    throw std::bad_alloc();
  }
  return other;
}

PacketPtr share(const AVPacket& packet) {
  PacketPtr other(av_packet_clone(&packet));
  if (!other) {
    throw std::bad_alloc();
  }
  return other;
}

FramePtr make_picture_frame(AVPixelFormat format, int width, int height) {
  FramePtr frame = make_frame();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  constexpr int kAlignment = 64;  // rows on the boundaries that zimg's widest kernels ask for
  if (av_frame_get_buffer(frame.get(), kAlignment) < 0) {
    throw std::bad_alloc();
  }
  return frame;
}

void set_av_log(bool verbose) {
  av_log_set_level(verbose ? AV_LOG_INFO : AV_LOG_QUIET);
  // SVT-AV1 writes past libav's log, and listens only to its environment.
  setenv("SVT_LOG", verbose ? "3" : "0", 1);
}

}  // namespace impasto::media
