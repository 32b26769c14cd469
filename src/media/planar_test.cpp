#include "media/planar.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace impasto::media {
namespace {

TEST(Planar, keeps_depth_chroma_and_alpha) {
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_YUV420P10LE), AV_PIX_FMT_YUV420P10LE);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_YUVJ422P), AV_PIX_FMT_YUV422P);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_NV12), AV_PIX_FMT_YUV420P);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_P010LE), AV_PIX_FMT_YUV420P10LE);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_YUYV422), AV_PIX_FMT_YUV422P);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_RGB24), AV_PIX_FMT_GBRP);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_BGRA), AV_PIX_FMT_GBRAP);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_PAL8), AV_PIX_FMT_GBRAP);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_RGB48BE), AV_PIX_FMT_GBRP16LE);
  EXPECT_EQ(planar_equivalent(AV_PIX_FMT_GRAY8), AV_PIX_FMT_GRAY8);
}

TEST(Planar, moves_every_sample_and_changes_none) {
  FramePtr packed = make_picture_frame(AV_PIX_FMT_RGB24, 20, 6);
  for (int y = 0; y < 6; ++y) {
    for (int i = 0; i < 60; ++i) {
      packed->data[0][static_cast<std::ptrdiff_t>(y) * packed->linesize[0] + i] =
          static_cast<std::uint8_t>(y * 40 + i);
    }
  }
  packed->pts = 7;
  Planariser planariser;
  FramePtr planar = planariser.apply(share(*packed));
  ASSERT_EQ(planar->format, AV_PIX_FMT_GBRP);
  EXPECT_EQ(planar->pts, 7);
  EXPECT_EQ(planar->data[2][static_cast<std::ptrdiff_t>(3) * planar->linesize[2] + 5], 120 + 15);
  EXPECT_EQ(planar->data[0][static_cast<std::ptrdiff_t>(3) * planar->linesize[0] + 5], 120 + 16);
  EXPECT_EQ(planar->data[1][static_cast<std::ptrdiff_t>(3) * planar->linesize[1] + 5], 120 + 17);
  Packer packer;
  const FramePtr again = packer.apply(std::move(planar), AV_PIX_FMT_RGB24);
  for (int y = 0; y < 6; ++y) {
    EXPECT_EQ(
        std::memcmp(again->data[0] + static_cast<std::ptrdiff_t>(y) * again->linesize[0],
                    packed->data[0] + static_cast<std::ptrdiff_t>(y) * packed->linesize[0], 60),
        0);
  }
}

}  // namespace
}  // namespace impasto::media
