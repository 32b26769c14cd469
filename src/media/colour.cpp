#include "media/colour.h"

#include <array>
#include <cstring>
#include <string>

#include "base/error.h"
#include "media/zimg_graph.h"

namespace impasto::media {
namespace {

const AVPixFmtDescriptor& description_of(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  if (description == nullptr) {
    throw Error(ExitCode::bug, "a frame without a pixel format reached the colour conversion");
  }
  return *description;
}

AVPixelFormat format_of(const AVFrame& frame) { return static_cast<AVPixelFormat>(frame.format); }

bool is_rgb(const AVPixFmtDescriptor& description) {
  return (description.flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

bool has_alpha(const AVPixFmtDescriptor& description) {
  return (description.flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
}

zimg_chroma_location_e chroma_location(AVChromaLocation location) {
  // libav counts from 1, zimg from 0, in the same order.
  return location == AVCHROMA_LOC_UNSPECIFIED || location > AVCHROMA_LOC_BOTTOM
             ? ZIMG_CHROMA_LEFT
             : static_cast<zimg_chroma_location_e>(static_cast<int>(location) - 1);
}

zimg_image_format zimg_format(AVPixelFormat format, Size size, const Colour& tagged) {
  const AVPixFmtDescriptor& description = description_of(format);
  const Colour colour = resolved(tagged, format, size);
  zimg_image_format result;
  zimg_image_format_default(&result, ZIMG_API_VERSION);
  result.width = static_cast<unsigned>(size.width);
  result.height = static_cast<unsigned>(size.height);
  const int depth = description.comp[0].depth;
  const bool is_float = (description.flags & AV_PIX_FMT_FLAG_FLOAT) != 0;
  result.pixel_type = is_float ? ZIMG_PIXEL_FLOAT : depth > 8 ? ZIMG_PIXEL_WORD : ZIMG_PIXEL_BYTE;
  result.depth = static_cast<unsigned>(depth);
  result.subsample_w = description.log2_chroma_w;
  result.subsample_h = description.log2_chroma_h;
  result.color_family = is_rgb(description)              ? ZIMG_COLOR_RGB
                        : description.nb_components <= 2 ? ZIMG_COLOR_GREY
                                                         : ZIMG_COLOR_YUV;
  // libav and zimg both number matrix, transfer and primaries as ITU-T H.273 does.
  result.matrix_coefficients = static_cast<zimg_matrix_coefficients_e>(colour.matrix);
  result.transfer_characteristics = static_cast<zimg_transfer_characteristics_e>(colour.transfer);
  result.color_primaries = static_cast<zimg_color_primaries_e>(colour.primaries);
  result.pixel_range = colour.range == AVCOL_RANGE_JPEG ? ZIMG_RANGE_FULL : ZIMG_RANGE_LIMITED;
  result.chroma_location = chroma_location(colour.chroma_location);
  return result;
}

/// The float RGB end of a conversion from or to a frame that is tagged with `colour`.
zimg_image_format picture_format(Size size, const Colour& colour) {
  zimg_image_format result;
  zimg_image_format_default(&result, ZIMG_API_VERSION);
  result.width = static_cast<unsigned>(size.width);
  result.height = static_cast<unsigned>(size.height);
  result.pixel_type = ZIMG_PIXEL_FLOAT;
  result.depth = 32;
  result.color_family = ZIMG_COLOR_RGB;
  result.matrix_coefficients = ZIMG_MATRIX_RGB;
  result.transfer_characteristics = static_cast<zimg_transfer_characteristics_e>(colour.transfer);
  result.color_primaries = static_cast<zimg_color_primaries_e>(colour.primaries);
  result.pixel_range = ZIMG_RANGE_FULL;
  return result;
}

/// Which of a frame's planes holds zimg's plane `plane`: libav stores RGB as G, B, R.
int plane_index(const AVPixFmtDescriptor& description, int plane) {
  return is_rgb(description) && plane < 3 ? (plane + 2) % 3 : plane;
}

int colour_planes(const AVPixFmtDescriptor& description) {
  return description.nb_components <= 2 ? 1 : 3;
}

zimg_image_buffer_const readable(const AVFrame& frame) {
  const AVPixFmtDescriptor& description = description_of(format_of(frame));
  zimg_image_buffer_const buffer{};
  buffer.version = ZIMG_API_VERSION;
  for (int i = 0; i < colour_planes(description); ++i) {
    const int plane = plane_index(description, i);
    buffer.plane[i] = {frame.data[plane], frame.linesize[plane], ZIMG_BUFFER_MAX};
  }
  return buffer;
}

zimg_image_buffer writable(AVFrame& frame) {
  const AVPixFmtDescriptor& description = description_of(format_of(frame));
  zimg_image_buffer buffer{};
  buffer.version = ZIMG_API_VERSION;
  for (int i = 0; i < colour_planes(description); ++i) {
    const int plane = plane_index(description, i);
    buffer.plane[i] = {frame.data[plane], frame.linesize[plane], ZIMG_BUFFER_MAX};
  }
  return buffer;
}

bool is_aligned(const AVFrame& frame) {
  for (int i = 0; i < AV_NUM_DATA_POINTERS && frame.data[i] != nullptr; ++i) {
    if (reinterpret_cast<std::uintptr_t>(frame.data[i]) % kAlignment != 0 ||
        frame.linesize[i] % static_cast<int>(kAlignment) != 0) {
      return false;
    }
  }
  return true;
}

/// A copy of the frame on a canvas that may be larger, the last column and line repeated.
FramePtr extended(const AVFrame& frame, Size size) {
  const AVPixelFormat format = format_of(frame);
  const AVPixFmtDescriptor& description = description_of(format);
  FramePtr copy = make_picture_frame(format, size.width, size.height);
  const int bytes = description.comp[0].depth > 8 ? (description.comp[0].depth > 16 ? 4 : 2) : 1;
  for (int plane = 0; plane < av_pix_fmt_count_planes(format); ++plane) {
    const bool chroma = (plane == 1 || plane == 2) && !is_rgb(description);
    const int shift_x = chroma ? description.log2_chroma_w : 0;
    const int shift_y = chroma ? description.log2_chroma_h : 0;
    const int from_width = AV_CEIL_RSHIFT(frame.width, shift_x);
    const int from_height = AV_CEIL_RSHIFT(frame.height, shift_y);
    const int to_width = AV_CEIL_RSHIFT(size.width, shift_x);
    const int to_height = AV_CEIL_RSHIFT(size.height, shift_y);
    for (int y = 0; y < to_height; ++y) {
      const std::uint8_t* from =
          frame.data[plane] +
          static_cast<std::ptrdiff_t>(std::min(y, from_height - 1)) * frame.linesize[plane];
      std::uint8_t* to = copy->data[plane] + static_cast<std::ptrdiff_t>(y) * copy->linesize[plane];
      const auto row_bytes = static_cast<std::size_t>(std::min(from_width, to_width)) * bytes;
      std::memcpy(to, from, row_bytes);
      for (int x = from_width; x < to_width; ++x) {
        std::memcpy(to + static_cast<std::ptrdiff_t>(x) * bytes,
                    from + static_cast<std::ptrdiff_t>(from_width - 1) * bytes,
                    static_cast<std::size_t>(bytes));
      }
    }
  }
  av_frame_copy_props(copy.get(), &frame);
  return copy;
}

/// True when `to` is `from` with at most one more column and line.
bool only_evened(Size from, Size to) {
  const int columns = to.width - from.width;
  const int lines = to.height - from.height;
  return (columns == 0 || columns == 1) && (lines == 0 || lines == 1);
}

/// `from` as zimg can take it for a target of this size: aligned, and of even size where needed.
/// `owner` keeps a copy alive, if one had to be made.
const AVFrame& prepared(const AVFrame& from, Size target, FramePtr& owner) {
  const Size size{from.width, from.height};
  const Size wanted = only_evened(size, target) ? even_for(format_of(from), target)
                                                : even_for(format_of(from), size);
  if (wanted == size && is_aligned(from)) {
    return from;
  }
  owner = extended(from, wanted);
  return *owner;
}

void keep_visible_region(zimg_image_format& format, const AVFrame& original, Size target) {
  if (!only_evened({original.width, original.height}, target)) {
    format.active_region.left = 0;
    format.active_region.top = 0;
    format.active_region.width = original.width;
    format.active_region.height = original.height;
  }
}

}  // namespace

struct ColourConverter::Graphs {
  ZimgGraph read;
  ZimgGraph write;
  ZimgGraph direct;
  ZimgGraph alpha;
};

ColourConverter::ColourConverter() : graphs_(std::make_unique<Graphs>()) {}
ColourConverter::~ColourConverter() = default;
ColourConverter::ColourConverter(ColourConverter&&) noexcept = default;
ColourConverter& ColourConverter::operator=(ColourConverter&&) noexcept = default;

Colour colour_of(const AVFrame& frame) {
  return {frame.color_range, frame.colorspace, frame.color_primaries, frame.color_trc,
          frame.chroma_location};
}

void tag(AVFrame& frame, const Colour& colour) {
  frame.color_range = colour.range;
  frame.colorspace = colour.matrix;
  frame.color_primaries = colour.primaries;
  frame.color_trc = colour.transfer;
  frame.chroma_location = colour.chroma_location;
}

Colour resolved(Colour colour, AVPixelFormat format, Size size) {
  const AVPixFmtDescriptor& description = description_of(format);
  if (is_rgb(description)) {
    colour.matrix = AVCOL_SPC_RGB;
    colour.range = AVCOL_RANGE_JPEG;
    return colour;
  }
  if (colour.range == AVCOL_RANGE_UNSPECIFIED) {
    // Grey without a tag comes from pictures, YUV without one from video.
    colour.range = description.nb_components <= 2 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  }
  if (colour.matrix == AVCOL_SPC_UNSPECIFIED || colour.matrix == AVCOL_SPC_RESERVED ||
      colour.matrix == AVCOL_SPC_RGB) {
    constexpr int kSdLines = 576;
    constexpr int kSdColumns = 1024;
    colour.matrix =
        size.height > kSdLines || size.width > kSdColumns ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  }
  return colour;
}

Size even_for(AVPixelFormat format, Size size) {
  const AVPixFmtDescriptor& description = description_of(format);
  const auto rounded = [](int value, int shift) { return AV_CEIL_RSHIFT(value, shift) << shift; };
  return {rounded(size.width, description.log2_chroma_w),
          rounded(size.height, description.log2_chroma_h)};
}

void ColourConverter::to_picture(const AVFrame& from, Picture& into) {
  FramePtr owner;
  const AVFrame& frame = prepared(from, into.size(), owner);
  const Size size{frame.width, frame.height};
  // The matrix is guessed from the size the video really has.
  const Colour colour = resolved(colour_of(from), format_of(from), {from.width, from.height});
  zimg_image_format source = zimg_format(format_of(frame), size, colour);
  keep_visible_region(source, from, into.size());
  graphs_->read.prepare(source, picture_format(into.size(), colour));
  zimg_image_buffer target{};
  target.version = ZIMG_API_VERSION;
  for (int i = 0; i < 3; ++i) {
    target.plane[i] = {into.plane(i), static_cast<std::ptrdiff_t>(into.stride() * sizeof(float)),
                       ZIMG_BUFFER_MAX};
  }
  graphs_->read.run(readable(frame), target);
}

void ColourConverter::from_picture(const Picture& from, AVFrame& into) {
  const Size size = even_for(format_of(into), {into.width, into.height});
  const Colour colour = resolved(colour_of(into), format_of(into), {into.width, into.height});
  const Size read = only_evened(size, from.size()) ? size : from.size();
  graphs_->write.prepare(picture_format(read, colour), zimg_format(format_of(into), size, colour));
  zimg_image_buffer_const source{};
  source.version = ZIMG_API_VERSION;
  for (int i = 0; i < 3; ++i) {
    source.plane[i] = {from.plane(i), static_cast<std::ptrdiff_t>(from.stride() * sizeof(float)),
                       ZIMG_BUFFER_MAX};
  }
  graphs_->write.run(source, writable(into));
}

void ColourConverter::convert(const AVFrame& from, AVFrame& into) {
  const Size target = even_for(format_of(into), {into.width, into.height});
  FramePtr owner;
  const AVFrame& frame = prepared(from, target, owner);
  const Size size{frame.width, frame.height};
  const Colour source_colour =
      resolved(colour_of(from), format_of(from), {from.width, from.height});
  Colour target_colour = resolved(colour_of(into), format_of(into), {into.width, into.height});
  target_colour.transfer = source_colour.transfer;
  target_colour.primaries = source_colour.primaries;
  zimg_image_format source = zimg_format(format_of(frame), size, source_colour);
  keep_visible_region(source, from, target);
  graphs_->direct.prepare(source, zimg_format(format_of(into), target, target_colour));
  graphs_->direct.run(readable(frame), writable(into));

  if (has_alpha(description_of(format_of(from))) && has_alpha(description_of(format_of(into)))) {
    const auto grey = [](const AVFrame& alpha, Size alpha_size) {
      zimg_image_format format;
      zimg_image_format_default(&format, ZIMG_API_VERSION);
      const int depth = description_of(format_of(alpha)).comp[3].depth;
      format.width = static_cast<unsigned>(alpha_size.width);
      format.height = static_cast<unsigned>(alpha_size.height);
      format.pixel_type = depth > 8 ? ZIMG_PIXEL_WORD : ZIMG_PIXEL_BYTE;
      format.depth = static_cast<unsigned>(depth);
      format.color_family = ZIMG_COLOR_GREY;
      format.pixel_range = ZIMG_RANGE_FULL;
      return format;
    };
    zimg_image_format alpha = grey(frame, size);
    keep_visible_region(alpha, from, target);
    graphs_->alpha.prepare(alpha, grey(into, target));
    zimg_image_buffer_const read{};
    read.version = ZIMG_API_VERSION;
    read.plane[0] = {frame.data[3], frame.linesize[3], ZIMG_BUFFER_MAX};
    zimg_image_buffer write{};
    write.version = ZIMG_API_VERSION;
    write.plane[0] = {into.data[3], into.linesize[3], ZIMG_BUFFER_MAX};
    graphs_->alpha.run(read, write);
  }
}

}  // namespace impasto::media
