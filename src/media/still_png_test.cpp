#include "media/still_png.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "base/error.h"
#include "media/av.h"
#include "store/store.h"

namespace impasto::media {
namespace {

/// Rows of colour patches of 16 by 16 pixels; 37 columns are seen, so no row is a round number.
Picture patches() {
  Picture picture({37, 32});
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < 32; ++y) {
      for (int x = 0; x < 37; ++x) {
        const int patch = x / 16 + 3 * (y / 16) + channel;
        picture.plane(channel)[static_cast<std::size_t>(y) * picture.stride() + x] =
            static_cast<float>(patch * 41 % 256) / 255;
      }
    }
  }
  return picture;
}

FramePtr decoded(AVCodecID id, const std::string& bytes) {
  const CodecContextPtr decoder(avcodec_alloc_context3(avcodec_find_decoder(id)));
  EXPECT_GE(avcodec_open2(decoder.get(), nullptr, nullptr), 0);
  const PacketPtr packet = make_packet();
  EXPECT_GE(av_new_packet(packet.get(), static_cast<int>(bytes.size())), 0);
  std::copy(bytes.begin(), bytes.end(), packet->data);
  FramePtr frame = make_frame();
  EXPECT_GE(avcodec_send_packet(decoder.get(), packet.get()), 0);
  EXPECT_GE(avcodec_send_packet(decoder.get(), nullptr), 0);
  EXPECT_GE(avcodec_receive_frame(decoder.get(), frame.get()), 0);
  return frame;
}

TEST(StillPng, a_png_holds_the_picture_exactly) {
  const Picture picture = patches();
  const FramePtr frame = decoded(AV_CODEC_ID_PNG, encode_png(picture));
  ASSERT_EQ(frame->format, AV_PIX_FMT_RGB24);
  ASSERT_EQ((Size{frame->width, frame->height}), picture.size());
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 37; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const float value =
            picture.plane(channel)[static_cast<std::size_t>(y) * picture.stride() + x];
        ASSERT_EQ(frame->data[0][y * frame->linesize[0] + 3 * x + channel],
                  std::lround(255 * value));
      }
    }
  }
}

TEST(StillPng, values_outside_of_the_range_are_clipped) {
  Picture picture = patches();
  picture.plane(0)[0] = -0.5F;
  picture.plane(1)[0] = 1.5F;
  const FramePtr frame = decoded(AV_CODEC_ID_PNG, encode_png(picture));
  EXPECT_EQ(frame->data[0][0], 0);
  EXPECT_EQ(frame->data[0][1], 255);
}

TEST(StillPng, a_jpeg_holds_full_range_colours_of_jfif) {
  const Picture picture = patches();
  const std::string bytes = encode_jpeg(picture);
  EXPECT_EQ(bytes.substr(0, 2), "\xff\xd8");
  const FramePtr frame = decoded(AV_CODEC_ID_MJPEG, bytes);
  ASSERT_EQ(frame->format, AV_PIX_FMT_YUVJ444P);
  for (const auto& [x, y] : {std::pair{8, 8}, {24, 8}, {8, 24}, {24, 24}}) {
    const std::size_t index = static_cast<std::size_t>(y) * picture.stride() + x;
    const float luma = frame->data[0][y * frame->linesize[0] + x];
    const float red_less = static_cast<float>(frame->data[2][y * frame->linesize[2] + x]) - 128;
    const float blue_less = static_cast<float>(frame->data[1][y * frame->linesize[1] + x]) - 128;
    EXPECT_NEAR(luma + 1.402F * red_less, 255 * picture.plane(0)[index], 4);
    EXPECT_NEAR(luma + 1.772F * blue_less, 255 * picture.plane(2)[index], 4);
  }
}

TEST(StillPng, the_name_decides_the_format_and_unknown_ones_are_refused) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "impasto_still_png";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  write_sheet(patches(), folder / "a.PNG", false);
  write_sheet(patches(), folder / "a.jpeg", false);
  EXPECT_EQ(store::read_all(folder / "a.PNG").substr(1, 3), "PNG");
  EXPECT_EQ(store::read_all(folder / "a.jpeg").substr(0, 2), "\xff\xd8");
  EXPECT_THROW(write_sheet(patches(), folder / "a.PNG", false), Error);
  for (const char* name : {"a.gif", "a", "folder.png/a"}) {
    try {
      check_sheet_name(folder / name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::usage);
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace impasto::media
