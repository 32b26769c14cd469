#include "media/planar.h"

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

/// Null when swscale cannot. Both ends carry the same range and matrix, so that it moves samples
/// and changes none.
FramePtr move_samples(SwsContextPtr& context, const AVFrame& from, AVPixelFormat to) {
  context.reset(
      sws_getCachedContext(context.release(), from.width, from.height,
                           static_cast<AVPixelFormat>(from.format), from.width, from.height, to,
                           SWS_POINT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP,
                           nullptr, nullptr, nullptr));
  FramePtr moved = make_picture_frame(to, from.width, from.height);
  if (!context ||
      sws_scale(context.get(), from.data, from.linesize, 0, from.height, moved->data,
                moved->linesize) < 0 ||
      av_frame_copy_props(moved.get(), &from) < 0) {
    return nullptr;
  }
  return moved;
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

FramePtr Planariser::apply(FramePtr frame) {
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
  FramePtr moved = move_samples(context_, *frame, to);
  if (!moved) {
    throw Error(ExitCode::bad_input, std::string("the video's pixel format ") +
                                         av_get_pix_fmt_name(from) + " cannot be made planar");
  }
  return moved;
}

FramePtr Packer::apply(FramePtr frame, AVPixelFormat format) {
  if (frame->format == format) {
    return frame;
  }
  if (planar_equivalent(format) == frame->format && av_pix_fmt_count_planes(format) > 1 &&
      av_pix_fmt_desc_get(format)->comp[0].depth == 8 && without_range(format) == frame->format) {
    frame->format = format;  // yuvj: only the name differs
    return frame;
  }
  FramePtr packed = move_samples(context_, *frame, format);
  if (!packed) {
    throw Error(ExitCode::bug, std::string("a painted frame cannot be brought into ") +
                                   av_get_pix_fmt_name(format));
  }
  return packed;
}

}  // namespace impasto::media
