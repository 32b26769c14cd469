#include "media/upright.h"

#include <gtest/gtest.h>

#include <cstdint>

extern "C" {
#include <libavutil/display.h>
}

namespace impasto::media {
namespace {

std::string turn_for_angle(double degrees, bool mirrored = false) {
  std::int32_t matrix[9];
  av_display_rotation_set(matrix, degrees);
  av_display_matrix_flip(matrix, mirrored ? 1 : 0, 0);
  return turn_for_display_matrix(matrix);
}

TEST(Upright, undoes_quarter_turns) {
  EXPECT_EQ(turn_for_angle(0), "");
  EXPECT_EQ(turn_for_angle(90), "transpose=clock");
  EXPECT_EQ(turn_for_angle(180), "hflip,vflip");
  EXPECT_EQ(turn_for_angle(270), "transpose=cclock");
}

TEST(Upright, leaves_a_tilt_alone) { EXPECT_EQ(turn_for_angle(30), ""); }

TEST(Upright, knows_all_eight_exif_orientations) {
  EXPECT_EQ(turn_for_exif(1), "");
  EXPECT_EQ(turn_for_exif(3), "hflip,vflip");
  EXPECT_EQ(turn_for_exif(6), "transpose=clock");
  EXPECT_EQ(turn_for_exif(8), "transpose=cclock");
  EXPECT_EQ(turn_for_exif(77), "");
}

FramePtr frame_at(std::int64_t pts, bool interlaced) {
  FramePtr frame = make_picture_frame(AV_PIX_FMT_YUV420P, 32, 16);
  for (int plane = 0; plane < 3; ++plane) {
    for (int y = 0; y < (plane == 0 ? 16 : 8); ++y) {
      for (int x = 0; x < (plane == 0 ? 32 : 16); ++x) {
        frame->data[plane][static_cast<std::ptrdiff_t>(y) * frame->linesize[plane] + x] =
            static_cast<std::uint8_t>(y * 10 + x);
      }
    }
  }
  frame->pts = pts;
  frame->interlaced_frame = interlaced ? 1 : 0;
  frame->sample_aspect_ratio = {2, 1};
  return frame;
}

TEST(Upright, turns_pixels_clockwise_and_swaps_the_aspect) {
  Upright upright("transpose=clock", false, {1, 25});
  upright.put(frame_at(4, false).get());
  const FramePtr turned = upright.take();
  ASSERT_NE(turned, nullptr);
  EXPECT_EQ(turned->width, 16);
  EXPECT_EQ(turned->height, 32);
  EXPECT_EQ(turned->pts, 4);
  EXPECT_EQ(turned->data[0][0], 150);  // the lower left corner comes to the upper left
  EXPECT_EQ(turned->sample_aspect_ratio.num, 1);
  EXPECT_EQ(turned->sample_aspect_ratio.den, 2);
}

TEST(Upright, gives_one_frame_at_its_own_time_for_each_interlaced_one) {
  Upright upright("", true, {1, 90000});
  const std::int64_t times[] = {0, 3003, 7001, 9009, 12013};
  std::vector<std::int64_t> out;
  for (const std::int64_t time : times) {
    upright.put(frame_at(time, true).get());
    while (const FramePtr frame = upright.take()) {
      out.push_back(frame->pts);
    }
  }
  upright.put(nullptr);
  while (const FramePtr frame = upright.take()) {
    out.push_back(frame->pts);
  }
  EXPECT_EQ(out, std::vector<std::int64_t>(std::begin(times), std::end(times)));
}

}  // namespace
}  // namespace impasto::media
