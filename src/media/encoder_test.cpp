#include "media/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace impasto::media {
namespace {

EncodeFormat small_format(const std::string& codec) {
  EncodeFormat format;
  format.format = encode_format_for(codec, AV_PIX_FMT_YUV420P);
  format.size = {64, 48};
  format.time_base = {1, 25};
  format.frame_rate = {25, 1};
  return format;
}

std::string complaint(const EncodeOptions& options) {
  try {
    const Encoder encoder(options, small_format(options.codec), false);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    return error.what();
  }
}

TEST(Encoder, opens_every_codec_with_its_defaults) {
  for (const CodecInfo& codec : describe_codecs()) {
    ASSERT_FALSE(codec.encoder.empty()) << codec.name;
    EncodeOptions options;
    options.codec = codec.name;
    EXPECT_EQ(complaint(options), "") << codec.name;
  }
}

TEST(Encoder, keeps_depth_and_chroma_where_the_codec_can) {
  EXPECT_EQ(encode_format_for("h264", AV_PIX_FMT_YUV420P10LE), AV_PIX_FMT_YUV420P10LE);
  EXPECT_EQ(encode_format_for("h264", AV_PIX_FMT_YUV444P), AV_PIX_FMT_YUV444P);
  EXPECT_EQ(encode_format_for("hevc", AV_PIX_FMT_YUV422P12LE), AV_PIX_FMT_YUV422P12LE);
  EXPECT_EQ(encode_format_for("ffv1", AV_PIX_FMT_YUV422P), AV_PIX_FMT_YUV422P);
  EXPECT_EQ(encode_format_for("prores", AV_PIX_FMT_YUV420P), AV_PIX_FMT_YUV422P10LE);
}

TEST(Encoder, gives_grey_films_colours) {
  EXPECT_EQ(encode_format_for("h264", AV_PIX_FMT_GRAY8), AV_PIX_FMT_YUV420P);
  EXPECT_EQ(encode_format_for("png", AV_PIX_FMT_GRAY8), AV_PIX_FMT_RGB24);
}

TEST(Encoder, says_what_it_would_take) {
  using testing::HasSubstr;
  EXPECT_THAT(complaint({"h264", 99, "", 1}), HasSubstr("from 0 (best) to 51"));
  EXPECT_THAT(complaint({"h264", std::nullopt, "warp", 1}), HasSubstr("ultrafast"));
  EXPECT_THAT(complaint({"ffv1", 3, "", 1}), HasSubstr("lossless"));
  EXPECT_THAT(complaint({"vp9", std::nullopt, "12", 1}), HasSubstr("0 (slowest) to 8"));
  EXPECT_THROW(codec_id("mpeg5"), Error);
}

}  // namespace
}  // namespace impasto::media
