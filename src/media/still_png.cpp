#include "media/still_png.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>

#include "base/error.h"
#include "media/av.h"
#include "store/store.h"

namespace impasto::media {
namespace {

enum class SheetFormat { png, jpeg };

SheetFormat format_of(const std::string& uri) {
  const std::size_t dot = uri.find_last_of("./");
  std::string extension = dot == std::string::npos ? "" : uri.substr(dot);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (extension == ".png") {
    return SheetFormat::png;
  }
  if (extension == ".jpg" || extension == ".jpeg") {
    return SheetFormat::jpeg;
  }
  throw Error(ExitCode::usage, "The sheet " + uri +
                                   " cannot be written in that format; let its name end in .png "
                                   "or .jpg");
}

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255));
}

FramePtr rgb_frame(const Picture& picture) {
  const Size size = picture.size();
  FramePtr frame = make_picture_frame(AV_PIX_FMT_RGB24, size.width, size.height);
  for (int y = 0; y < size.height; ++y) {
    std::uint8_t* to = frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0];
    const std::size_t row = static_cast<std::size_t>(y) * picture.stride();
    for (int x = 0; x < size.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        *to++ = to_byte(picture.plane(channel)[row + static_cast<std::size_t>(x)]);
      }
    }
  }
  return frame;
}

/// JFIF's colours: full range, the weights of BT.601.
FramePtr jfif_frame(const Picture& picture) {
  const Size size = picture.size();
  FramePtr frame = make_picture_frame(AV_PIX_FMT_YUVJ444P, size.width, size.height);
  frame->color_range = AVCOL_RANGE_JPEG;
  for (int y = 0; y < size.height; ++y) {
    const std::size_t row = static_cast<std::size_t>(y) * picture.stride();
    for (int x = 0; x < size.width; ++x) {
      const std::size_t at = row + static_cast<std::size_t>(x);
      const float red = std::clamp(picture.plane(0)[at], 0.0F, 1.0F);
      const float green = std::clamp(picture.plane(1)[at], 0.0F, 1.0F);
      const float blue = std::clamp(picture.plane(2)[at], 0.0F, 1.0F);
      const float luma = 0.299F * red + 0.587F * green + 0.114F * blue;
      frame->data[0][y * frame->linesize[0] + x] = to_byte(luma);
      frame->data[1][y * frame->linesize[1] + x] = to_byte((blue - luma) / 1.772F + 128 / 255.0F);
      frame->data[2][y * frame->linesize[2] + x] = to_byte((red - luma) / 1.402F + 128 / 255.0F);
    }
  }
  return frame;
}

void check(int code, const char* codec) {
  if (code < 0) {
    throw Error(ExitCode::bug, std::string("A picture could not be encoded as ") + codec + ": " +
                                   av_error_text(code) + ".");
  }
}

CodecContextPtr open_encoder(AVCodecID id, const AVFrame& frame, const char* name) {
  const AVCodec* codec = avcodec_find_encoder(id);
  if (codec == nullptr) {
    throw Error(ExitCode::unavailable, std::string("This machine's libavcodec cannot encode ") +
                                           name + "; install a full build of FFmpeg");
  }
  CodecContextPtr encoder(avcodec_alloc_context3(codec));
  encoder->width = frame.width;
  encoder->height = frame.height;
  encoder->pix_fmt = static_cast<AVPixelFormat>(frame.format);
  encoder->color_range = frame.color_range;
  encoder->time_base = {1, 25};
  if (frame.quality > 0) {
    encoder->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->global_quality = frame.quality;
  }
  check(avcodec_open2(encoder.get(), codec, nullptr), name);
  return encoder;
}

std::string encode(AVCodecID id, FramePtr frame, const char* name) {
  const CodecContextPtr encoder = open_encoder(id, *frame, name);
  frame->pts = 0;
  const PacketPtr packet = make_packet();
  check(avcodec_send_frame(encoder.get(), frame.get()), name);
  check(avcodec_send_frame(encoder.get(), nullptr), name);
  check(avcodec_receive_packet(encoder.get(), packet.get()), name);
  return {reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)};
}

}  // namespace

std::string encode_png(const Picture& picture) {
  return encode(AV_CODEC_ID_PNG, rgb_frame(picture), "PNG");
}

std::string encode_jpeg(const Picture& picture, int quality) {
  FramePtr frame = jfif_frame(picture);
  frame->quality = quality * FF_QP2LAMBDA;
  return encode(AV_CODEC_ID_MJPEG, std::move(frame), "JPEG");
}

void write_png(const Picture& picture, const std::string& uri, bool overwrite) {
  store::write_all(uri, encode_png(picture), overwrite);
}

void check_sheet_name(const std::string& uri) { format_of(uri); }

std::string encode_sheet(const Picture& picture, const std::string& uri) {
  return format_of(uri) == SheetFormat::png ? encode_png(picture) : encode_jpeg(picture);
}

void write_sheet(const Picture& picture, const std::string& uri, bool overwrite) {
  store::write_all(uri, encode_sheet(picture, uri), overwrite);
}

}  // namespace impasto::media
