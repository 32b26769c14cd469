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
  FramePtr source = make_picture_frame(AV_PIX_FMT_RGB24, 20, 6);
  for (int y = 0; y < 6; ++y) {
    for (int i = 0; i < 60; ++i) {
      source->data[0][static_cast<std::ptrdiff_t>(y) * source->linesize[0] + i] =
          static_cast<std::uint8_t>(y * 40 + i);
    }
  }
  source->pts = 7;
  FramePtr moved = planar(share(*source));
  ASSERT_EQ(moved->format, AV_PIX_FMT_GBRP);
  EXPECT_EQ(moved->pts, 7);
  EXPECT_EQ(moved->data[2][static_cast<std::ptrdiff_t>(3) * moved->linesize[2] + 5], 120 + 15);
  EXPECT_EQ(moved->data[0][static_cast<std::ptrdiff_t>(3) * moved->linesize[0] + 5], 120 + 16);
  EXPECT_EQ(moved->data[1][static_cast<std::ptrdiff_t>(3) * moved->linesize[1] + 5], 120 + 17);
  const FramePtr again = packed(std::move(moved), AV_PIX_FMT_RGB24);
  for (int y = 0; y < 6; ++y) {
    EXPECT_EQ(
        std::memcmp(again->data[0] + static_cast<std::ptrdiff_t>(y) * again->linesize[0],
                    source->data[0] + static_cast<std::ptrdiff_t>(y) * source->linesize[0], 60),
        0);
  }
}

TEST(Planar, keeps_alpha_to_the_last_code_value) {
  FramePtr source = make_picture_frame(AV_PIX_FMT_RGBA, 256, 2);
  for (int i = 0; i < 1024; ++i) {
    source->data[0][i] = static_cast<std::uint8_t>(i / 4);
  }
  FramePtr moved = planar(share(*source));
  ASSERT_EQ(moved->format, AV_PIX_FMT_GBRAP);
  for (int x = 0; x < 256; ++x) {
    EXPECT_EQ(moved->data[3][x], x);
  }
  EXPECT_EQ(std::memcmp(packed(std::move(moved), AV_PIX_FMT_RGBA)->data[0], source->data[0], 1024),
            0);
}

TEST(Planar, reads_semi_planar_packed_and_big_endian_layouts) {
  FramePtr p010 = make_picture_frame(AV_PIX_FMT_P010LE, 4, 2);
  std::memset(p010->buf[0]->data, 0, p010->buf[0]->size);
  reinterpret_cast<std::uint16_t*>(p010->data[0])[1] = 700 << 6;
  reinterpret_cast<std::uint16_t*>(p010->data[1])[3] = 300 << 6;  // second V
  const FramePtr ten = planar(std::move(p010));
  EXPECT_EQ(reinterpret_cast<std::uint16_t*>(ten->data[0])[1], 700);
  EXPECT_EQ(reinterpret_cast<std::uint16_t*>(ten->data[2])[1], 300);

  FramePtr uyvy = make_picture_frame(AV_PIX_FMT_UYVY422, 4, 1);
  for (int i = 0; i < 8; ++i) {
    uyvy->data[0][i] = static_cast<std::uint8_t>(10 * i);
  }
  const FramePtr yuv = planar(std::move(uyvy));
  EXPECT_EQ(yuv->data[0][1], 30);
  EXPECT_EQ(yuv->data[1][1], 40);
  EXPECT_EQ(yuv->data[2][0], 20);

  FramePtr big = make_picture_frame(AV_PIX_FMT_RGB48BE, 2, 1);
  big->data[0][2] = 0x12;
  big->data[0][3] = 0x34;
  EXPECT_EQ(reinterpret_cast<std::uint16_t*>(planar(std::move(big))->data[0])[0], 0x1234);

  FramePtr palette = make_picture_frame(AV_PIX_FMT_PAL8, 2, 1);
  palette->data[0][1] = 5;
  reinterpret_cast<std::uint32_t*>(palette->data[1])[5] = 0x80FF2010;
  const FramePtr coloured = planar(std::move(palette));
  EXPECT_EQ(coloured->data[2][1], 0xFF);
  EXPECT_EQ(coloured->data[0][1], 0x20);
  EXPECT_EQ(coloured->data[1][1], 0x10);
  EXPECT_EQ(coloured->data[3][1], 0x80);
}

}  // namespace
}  // namespace impasto::media
