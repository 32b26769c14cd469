#include "media/blend.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace impasto::media {
namespace {

struct Plane {
  const std::uint8_t* source;
  std::uint8_t* painted;
  int source_stride;
  int painted_stride;
  int width;
  int height;
};

Plane plane_of(const AVFrame& source, AVFrame& painted, const AVPixFmtDescriptor& description,
               int index) {
  const bool rgb = (description.flags & AV_PIX_FMT_FLAG_RGB) != 0;
  const bool chroma = (index == 1 || index == 2) && !rgb;
  return {source.data[index],
          painted.data[index],
          source.linesize[index],
          painted.linesize[index],
          AV_CEIL_RSHIFT(painted.width, chroma ? description.log2_chroma_w : 0),
          AV_CEIL_RSHIFT(painted.height, chroma ? description.log2_chroma_h : 0)};
}

template <typename Sample>
const Sample* source_row(const Plane& plane, int y) {
  return reinterpret_cast<const Sample*>(plane.source +
                                         static_cast<std::ptrdiff_t>(y) * plane.source_stride);
}

template <typename Sample>
Sample* painted_row(const Plane& plane, int y) {
  return reinterpret_cast<Sample*>(plane.painted +
                                   static_cast<std::ptrdiff_t>(y) * plane.painted_stride);
}

template <typename Sample>
void mix(const Plane& plane, double strength) {
  // 16 fractional bits: exact at 0 and 1, and within half a code value between.
  constexpr int kBits = 16;
  const auto weight = static_cast<std::int64_t>(std::lround(strength * (1 << kBits)));
  constexpr std::int64_t kHalf = 1 << (kBits - 1);
  for (int y = 0; y < plane.height; ++y) {
    const auto* from = source_row<Sample>(plane, y);
    auto* to = painted_row<Sample>(plane, y);
    for (int x = 0; x < plane.width; ++x) {
      const std::int64_t difference = static_cast<std::int64_t>(to[x]) - from[x];
      to[x] = static_cast<Sample>(from[x] + ((difference * weight + kHalf) >> kBits));
    }
  }
}

void copy(const Plane& plane, int sample_bytes) {
  for (int y = 0; y < plane.height; ++y) {
    std::memcpy(painted_row<std::uint8_t>(plane, y), source_row<std::uint8_t>(plane, y),
                static_cast<std::size_t>(plane.width) * static_cast<std::size_t>(sample_bytes));
  }
}

/// G, B and R planes: every channel of the source moves by the difference in luma (BT.709).
template <typename Sample>
void keep_rgb_colour(const Plane& green, const Plane& blue, const Plane& red, int depth) {
  const double top = (1 << depth) - 1;
  for (int y = 0; y < green.height; ++y) {
    const auto* g = source_row<Sample>(green, y);
    const auto* b = source_row<Sample>(blue, y);
    const auto* r = source_row<Sample>(red, y);
    auto* pg = painted_row<Sample>(green, y);
    auto* pb = painted_row<Sample>(blue, y);
    auto* pr = painted_row<Sample>(red, y);
    for (int x = 0; x < green.width; ++x) {
      const double shift =
          0.2126 * (pr[x] - r[x]) + 0.7152 * (pg[x] - g[x]) + 0.0722 * (pb[x] - b[x]);
      const auto moved = [&](Sample value) {
        return static_cast<Sample>(std::lround(std::clamp(value + shift, 0.0, top)));
      };
      pg[x] = moved(g[x]);
      pb[x] = moved(b[x]);
      pr[x] = moved(r[x]);
    }
  }
}

template <typename Sample>
void blend_samples(const AVFrame& source, AVFrame& painted, const AVPixFmtDescriptor& description,
                   double strength, bool keep_colour) {
  const bool rgb = (description.flags & AV_PIX_FMT_FLAG_RGB) != 0;
  const auto plane = [&](int index) { return plane_of(source, painted, description, index); };
  const int colour_planes = description.nb_components <= 2 ? 1 : 3;
  if (keep_colour && rgb) {
    keep_rgb_colour<Sample>(plane(0), plane(1), plane(2), description.comp[0].depth);
  }
  for (int index = 0; index < colour_planes; ++index) {
    if (keep_colour && !rgb && index > 0) {
      copy(plane(index), sizeof(Sample));
    } else if (strength < 1.0) {
      mix<Sample>(plane(index), strength);
    }
  }
  if ((description.flags & AV_PIX_FMT_FLAG_ALPHA) != 0) {
    copy(plane(3), sizeof(Sample));
  }
}

}  // namespace

void blend(const AVFrame& source, AVFrame& painted, double strength, bool keep_colour) {
  const AVPixFmtDescriptor& description =
      *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(painted.format));
  if (description.comp[0].depth > 8) {
    blend_samples<std::uint16_t>(source, painted, description, strength, keep_colour);
  } else {
    blend_samples<std::uint8_t>(source, painted, description, strength, keep_colour);
  }
}

}  // namespace impasto::media
