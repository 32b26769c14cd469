#include "media/planar.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace impasto::media {
namespace {

bool is_rgb(const AVPixFmtDescriptor& description) {
  return (description.flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

/// What is done with a format by its name alone; AV_PIX_FMT_NONE when it needs moving.
AVPixelFormat without_range(AVPixelFormat format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
      return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
      return AV_PIX_FMT_YUV411P;
    default:
      return format;
  }
}

AVPixelFormat rgb_format(int depth, bool alpha) {
  if (depth <= 8) {
    return alpha ? AV_PIX_FMT_GBRAP : AV_PIX_FMT_GBRP;
  }
  if (depth <= 10) {
    return alpha ? AV_PIX_FMT_GBRAP10LE : AV_PIX_FMT_GBRP10LE;
  }
  if (depth <= 12) {
    return alpha ? AV_PIX_FMT_GBRAP12LE : AV_PIX_FMT_GBRP12LE;
  }
  return alpha ? AV_PIX_FMT_GBRAP16LE : AV_PIX_FMT_GBRP16LE;
}

AVPixelFormat yuv_format(const AVPixFmtDescriptor& from, int depth, bool alpha) {
  // 4:2:0, 4:2:2 and 4:4:4 in the depths that libav has them in.
  struct Row {
    int width_shift;
    int height_shift;
    AVPixelFormat eight, ten, twelve, sixteen;
    AVPixelFormat eight_alpha, sixteen_alpha;
  };
  static constexpr Row kRows[] = {
      {1, 1, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV420P12LE,
       AV_PIX_FMT_YUV420P16LE, AV_PIX_FMT_YUVA420P, AV_PIX_FMT_YUVA420P16LE},
      {1, 0, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV422P10LE, AV_PIX_FMT_YUV422P12LE,
       AV_PIX_FMT_YUV422P16LE, AV_PIX_FMT_YUVA422P, AV_PIX_FMT_YUVA422P16LE},
      {0, 0, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV444P10LE, AV_PIX_FMT_YUV444P12LE,
       AV_PIX_FMT_YUV444P16LE, AV_PIX_FMT_YUVA444P, AV_PIX_FMT_YUVA444P16LE},
  };
  for (const Row& row : kRows) {
    if (row.width_shift == from.log2_chroma_w && row.height_shift == from.log2_chroma_h) {
      if (alpha) {
        return depth <= 8 ? row.eight_alpha : row.sixteen_alpha;
      }
      return depth <= 8    ? row.eight
             : depth <= 10 ? row.ten
             : depth <= 12 ? row.twelve
                           : row.sixteen;
    }
  }
  return depth <= 8 ? AV_PIX_FMT_YUV444P : AV_PIX_FMT_YUV444P16LE;
}

/// Where component `c` (R, G, B, A or Y, U, V, A) of a format is found; -1: it has none.
int component_of(const AVPixFmtDescriptor& format, int c) {
  if ((format.flags & AV_PIX_FMT_FLAG_PAL) != 0) {
    constexpr int kByteOfPalette[] = {2, 1, 0, 3};  // native 0xAARRGGBB, little-endian
    return kByteOfPalette[c];
  }
  if (format.nb_components <= 2 && c < 3) {
    return 0;  // grey stands for all three
  }
  if (format.nb_components == 2) {
    return 1;
  }
  return c < format.nb_components ? c : -1;
}

/// Brings values from one depth to another: by shifting where codes have a nominal range (YUV), by
/// scaling where the top code is white.
class Rescale {
 public:
  Rescale(int from, int to, bool shift)
      : shift_(shift ? to - from : 0),
        from_top_((1U << from) - 1),
        to_top_((1U << to) - 1),
        scale_(!shift && from != to) {}

  [[nodiscard]] std::uint16_t operator()(std::uint16_t value) const {
    const unsigned shifted = shift_ >= 0 ? value << shift_ : value >> -shift_;
    return static_cast<std::uint16_t>(scale_ ? (value * to_top_ + from_top_ / 2) / from_top_
                                             : shifted);
  }

 private:
  int shift_;
  unsigned from_top_;
  unsigned to_top_;
  bool scale_;
};

int depth_of(const AVPixFmtDescriptor& format, int component) {
  return (format.flags & AV_PIX_FMT_FLAG_PAL) != 0 ? 8 : format.comp[component].depth;
}

/// The same samples in another layout. libavutil's line functions know every layout; swscale, which
/// is faster, rounds alpha.
FramePtr move_samples(const AVFrame& from, AVPixelFormat to) {
  const AVPixFmtDescriptor& source = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(from.format));
  const AVPixFmtDescriptor& target = *av_pix_fmt_desc_get(to);
  FramePtr moved = make_picture_frame(to, from.width, from.height);
  for (int plane = 0; plane < av_pix_fmt_count_planes(to); ++plane) {
    std::memset(moved->buf[plane] != nullptr ? moved->buf[plane]->data : moved->data[plane], 0,
                moved->buf[plane] != nullptr ? moved->buf[plane]->size : 0);
  }
  const bool yuv = !is_rgb(target) && target.nb_components >= 3;
  const bool palette = (source.flags & AV_PIX_FMT_FLAG_PAL) != 0;
  const std::uint16_t inverted = from.format == AV_PIX_FMT_MONOWHITE ? 1 : 0;
  std::vector<std::uint16_t> line(static_cast<std::size_t>(from.width));
  for (int c = 0; c < target.nb_components; ++c) {
    const int read = component_of(source, target.nb_components == 2 && c == 1 ? 3 : c);
    if (read < 0) {
      continue;
    }
    const bool chroma = yuv && (c == 1 || c == 2);
    const int width = AV_CEIL_RSHIFT(from.width, chroma ? target.log2_chroma_w : 0);
    const int height = AV_CEIL_RSHIFT(from.height, chroma ? target.log2_chroma_h : 0);
    const Rescale rescale(depth_of(source, read), target.comp[c].depth, yuv);
    for (int y = 0; y < height; ++y) {
      av_read_image_line2(line.data(), const_cast<const std::uint8_t**>(from.data), from.linesize,
                          &source, 0, y, palette ? 0 : read, width, 0, sizeof(line[0]));
      for (std::uint16_t& value : line) {
        value = palette ? from.data[1][4 * value + read]
                        : rescale(static_cast<std::uint16_t>(value ^ inverted));
      }
      av_write_image_line2(line.data(), moved->data, moved->linesize, &target, 0, y, c, width,
                           sizeof(line[0]));
    }
  }
  return av_frame_copy_props(moved.get(), &from) < 0 ? nullptr : std::move(moved);
}

}  // namespace

AVPixelFormat planar_equivalent(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  if (description == nullptr || (description->flags & AV_PIX_FMT_FLAG_HWACCEL) != 0) {
    return AV_PIX_FMT_NONE;
  }
  const AVPixFmtDescriptor& from = *description;
  const int depth = from.comp[0].depth;
  const bool alpha = (from.flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
  const bool movable =
      (from.flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BAYER)) != 0;
  const bool foreign = depth > 8 && (from.flags & AV_PIX_FMT_FLAG_BE) != 0;
  const bool planar = av_pix_fmt_count_planes(format) == from.nb_components;
  if (planar && !movable && !foreign) {
    return without_range(format);
  }
  if (is_rgb(from)) {
    return rgb_format(depth, alpha || (from.flags & AV_PIX_FMT_FLAG_PAL) != 0);
  }
  if (from.nb_components <= 2) {  // grey, with or without alpha, or one bit
    if (alpha) {
      return rgb_format(depth, true);
    }
    return depth <= 8 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_GRAY16LE;
  }
  return yuv_format(from, depth, alpha);
}

FramePtr planar(FramePtr frame) {
  const auto from = static_cast<AVPixelFormat>(frame->format);
  const AVPixelFormat to = planar_equivalent(from);
  if (to == AV_PIX_FMT_NONE) {
    const char* name = av_get_pix_fmt_name(from);
    throw Error(ExitCode::bad_input, std::string("the video's pixel format ") +
                                         (name != nullptr ? name : "(unknown)") +
                                         " cannot be read; convert the video to a plain one first");
  }
  if (to == from) {
    return frame;
  }
  if (to == without_range(from)) {  // only the name differs
    frame->format = to;
    frame->color_range = AVCOL_RANGE_JPEG;
    return frame;
  }
  FramePtr moved = move_samples(*frame, to);
  if (!moved) {
    throw Error(ExitCode::bad_input, std::string("the video's pixel format ") +
                                         av_get_pix_fmt_name(from) + " cannot be made planar");
  }
  return moved;
}

FramePtr packed(FramePtr frame, AVPixelFormat format) {
  if (frame->format == format) {
    return frame;
  }
  if (planar_equivalent(format) == frame->format && av_pix_fmt_count_planes(format) > 1 &&
      av_pix_fmt_desc_get(format)->comp[0].depth == 8 && without_range(format) == frame->format) {
    frame->format = format;  // yuvj: only the name differs
    return frame;
  }
  FramePtr moved = move_samples(*frame, format);
  if (!moved) {
    throw Error(ExitCode::bug, std::string("a painted frame cannot be brought into ") +
                                   av_get_pix_fmt_name(format));
  }
  return moved;
}

}  // namespace impasto::media
