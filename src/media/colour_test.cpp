#include "media/colour.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <tuple>

#include "media/blend.h"

namespace impasto::media {
namespace {

int depth_of(AVPixelFormat format) { return av_pix_fmt_desc_get(format)->comp[0].depth; }

int sample(const AVFrame& frame, int plane, int x, int y) {
  const std::uint8_t* row =
      frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
  return depth_of(static_cast<AVPixelFormat>(frame.format)) > 8
             ? reinterpret_cast<const std::uint16_t*>(row)[x]
             : row[x];
}

void set_sample(AVFrame& frame, int plane, int x, int y, int value) {
  std::uint8_t* row = frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
  if (depth_of(static_cast<AVPixelFormat>(frame.format)) > 8) {
    reinterpret_cast<std::uint16_t*>(row)[x] = static_cast<std::uint16_t>(value);
  } else {
    row[x] = static_cast<std::uint8_t>(value);
  }
}

struct PlaneSize {
  int width;
  int height;
};

PlaneSize plane_size(const AVFrame& frame, int plane) {
  const AVPixFmtDescriptor& description =
      *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const bool chroma = (plane == 1 || plane == 2) && (description.flags & AV_PIX_FMT_FLAG_RGB) == 0;
  return {AV_CEIL_RSHIFT(frame.width, chroma ? description.log2_chroma_w : 0),
          AV_CEIL_RSHIFT(frame.height, chroma ? description.log2_chroma_h : 0)};
}

/// Smooth waves in every plane, inside the format's range.
FramePtr waves(AVPixelFormat format, Size size, const Colour& colour) {
  FramePtr frame = make_picture_frame(format, (size.width + 1) / 2 * 2, (size.height + 1) / 2 * 2);
  frame->width = size.width;
  frame->height = size.height;
  tag(*frame, colour);
  const int scale = 1 << (depth_of(format) - 8);
  for (int plane = 0; plane < 3; ++plane) {
    const PlaneSize extent = plane_size(*frame, plane);
    for (int y = 0; y < extent.height; ++y) {
      for (int x = 0; x < extent.width; ++x) {
        const double u = static_cast<double>(x) / extent.width;
        const double v = static_cast<double>(y) / extent.height;
        const double wave = 126 + 60 * std::sin(3 * u + plane) * std::cos(2 * v + plane);
        set_sample(*frame, plane, x, y, static_cast<int>(std::lround(wave * scale)));
      }
    }
  }
  return frame;
}

int largest_difference(const AVFrame& a, const AVFrame& b) {
  int largest = 0;
  for (int plane = 0; plane < 3; ++plane) {
    const PlaneSize extent = plane_size(a, plane);
    for (int y = 0; y < extent.height; ++y) {
      for (int x = 0; x < extent.width; ++x) {
        largest = std::max(largest, std::abs(sample(a, plane, x, y) - sample(b, plane, x, y)));
      }
    }
  }
  return largest;
}

using RoundTrip = std::tuple<AVPixelFormat, AVColorSpace, AVColorRange, int /*width*/>;

class ColourRoundTrip : public testing::TestWithParam<RoundTrip> {};

TEST_P(ColourRoundTrip, through_float_rgb_gives_the_source_back_within_one_code_value) {
  const auto [format, matrix, range, width] = GetParam();
  const Size size{width, width / 2 + 1};
  const Colour colour{range, matrix, AVCOL_PRI_UNSPECIFIED, AVCOL_TRC_UNSPECIFIED,
                      AVCHROMA_LOC_LEFT};
  const FramePtr source = waves(format, size, colour);
  Picture picture(even_for(format, size));
  ColourConverter converter;
  converter.to_picture(*source, picture);
  FramePtr back = make_picture_frame(format, (size.width + 1) / 2 * 2, (size.height + 1) / 2 * 2);
  back->width = size.width;
  back->height = size.height;
  tag(*back, colour);
  converter.from_picture(picture, *back);
  EXPECT_LE(largest_difference(*source, *back), 1 << (depth_of(format) - 8));
}

INSTANTIATE_TEST_SUITE_P(
    Formats, ColourRoundTrip,
    testing::Combine(testing::Values(AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P,
                                     AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV422P10LE,
                                     AV_PIX_FMT_YUV444P12LE),
                     testing::Values(AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT709, AVCOL_SPC_BT2020_NCL),
                     testing::Values(AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG),
                     testing::Values(128, 95)));

TEST(Colour, reads_white_black_and_red_by_the_tagged_matrix_and_range) {
  FramePtr frame = make_picture_frame(AV_PIX_FMT_YUV444P, 32, 32);
  tag(*frame,
      {AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, AVCOL_PRI_BT709, AVCOL_TRC_BT709, AVCHROMA_LOC_LEFT});
  // BT.709 limited: white 235,128,128; black 16,128,128; red 63,102,240 (ITU-R BT.709, item 3.4).
  const int colours[3][3] = {{235, 128, 128}, {16, 128, 128}, {63, 102, 240}};
  const float expected[3][3] = {{1, 1, 1}, {0, 0, 0}, {1, 0, 0}};
  ColourConverter converter;
  for (int i = 0; i < 3; ++i) {
    for (int plane = 0; plane < 3; ++plane) {
      for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
          set_sample(*frame, plane, x, y, colours[i][plane]);
        }
      }
    }
    Picture picture({32, 32});
    converter.to_picture(*frame, picture);
    for (int channel = 0; channel < 3; ++channel) {
      EXPECT_NEAR(picture.plane(channel)[5], expected[i][channel], 0.005) << i << channel;
    }
  }
}

TEST(Colour, guesses_bt601_for_small_and_bt709_for_large_untagged_video) {
  EXPECT_EQ(resolved({}, AV_PIX_FMT_YUV420P, {720, 576}).matrix, AVCOL_SPC_SMPTE170M);
  EXPECT_EQ(resolved({}, AV_PIX_FMT_YUV420P, {1280, 720}).matrix, AVCOL_SPC_BT709);
  EXPECT_EQ(resolved({}, AV_PIX_FMT_YUV420P, {1280, 720}).range, AVCOL_RANGE_MPEG);
  EXPECT_EQ(resolved({}, AV_PIX_FMT_GBRP, {1280, 720}).range, AVCOL_RANGE_JPEG);
}

TEST(Colour, reads_grey_frames_as_grey_pictures) {
  FramePtr frame = make_picture_frame(AV_PIX_FMT_GRAY8, 32, 32);
  frame->color_range = AVCOL_RANGE_JPEG;
  for (int y = 0; y < 32; ++y) {
    std::fill_n(frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0], 32,
                std::uint8_t{102});
  }
  Picture picture({32, 32});
  ColourConverter().to_picture(*frame, picture);
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_NEAR(picture.plane(channel)[33], 0.4, 1e-4);
  }
}

TEST(Blend, at_strength_zero_is_the_source_and_at_one_the_painting) {
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P10LE}) {
    const FramePtr source = waves(format, {64, 48}, {});
    const FramePtr half = make_picture_frame(format, 64, 48);
    for (const double strength : {0.0, 1.0, 0.5}) {
      for (int plane = 0; plane < 3; ++plane) {
        const PlaneSize extent = plane_size(*half, plane);
        for (int y = 0; y < extent.height; ++y) {
          for (int x = 0; x < extent.width; ++x) {
            set_sample(*half, plane, x, y, 40);
          }
        }
      }
      blend(*source, *half, strength, false);
      const double expected = sample(*source, 0, 9, 7) * (1 - strength) + 40 * strength;
      EXPECT_NEAR(sample(*half, 0, 9, 7), expected, 0.51);
      if (strength == 0.0) {
        EXPECT_EQ(largest_difference(*source, *half), 0);
      }
    }
  }
}

TEST(Blend, keeps_the_colours_of_the_source_and_the_brightness_of_the_painting) {
  const FramePtr source = waves(AV_PIX_FMT_YUV420P, {64, 48}, {});
  const FramePtr painted = waves(AV_PIX_FMT_YUV420P, {64, 48}, {});
  set_sample(*painted, 0, 3, 3, 200);
  set_sample(*painted, 1, 3, 3, 10);
  blend(*source, *painted, 1.0, true);
  EXPECT_EQ(sample(*painted, 0, 3, 3), 200);
  EXPECT_EQ(sample(*painted, 1, 3, 3), sample(*source, 1, 3, 3));
}

}  // namespace
}  // namespace impasto::media
