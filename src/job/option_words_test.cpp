#include "job/option_words.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace impasto::job {
namespace {

TEST(OptionWords, TellSizesAsNumbersOrLines) {
  EXPECT_EQ(parse_size("640x360", {1, 1}, {0, 1}), (Size{640, 360}));
  EXPECT_EQ(parse_size("720p", {1920, 1080}, {1, 1}), (Size{1280, 720}));
  EXPECT_EQ(parse_size("720p", {720, 576}, {64, 45}), (Size{1280, 720}));
  for (const char* bad : {"", "p", "0x4", "12", "ax4", "99999x2", "4x"}) {
    EXPECT_THROW(parse_size(bad, {16, 9}, {1, 1}), Error) << bad;
  }
}

TEST(OptionWords, TellHowSteady) {
  EXPECT_EQ(parse_stability("off"), 0);
  EXPECT_LT(parse_stability("low"), parse_stability("high"));
  EXPECT_EQ(parse_stability("2.5"), 2.5);
  for (const char* bad : {"", "11", "-1", "steady", "3x", "nan"}) {
    EXPECT_THROW(parse_stability(bad), Error) << bad;
  }
}

TEST(OptionWords, TellHowBroadStrokesAre) {
  EXPECT_EQ(parse_stroke("native"), std::nullopt);
  EXPECT_EQ(parse_stroke("0.25"), 0.25);
  for (const char* bad : {"", "0", "5", "fine", "1x", "nan"}) {
    EXPECT_THROW(parse_stroke(bad), Error) << bad;
  }
}

TEST(OptionWords, TellHowLargeTilesAre) {
  EXPECT_GT(parse_tile("auto"), 1920 * 1080);
  EXPECT_EQ(parse_tile("off"), 0);
  EXPECT_EQ(parse_tile("512"), 512 * 512);
  for (const char* bad : {"", "63", "-512", "small", "512px"}) {
    EXPECT_THROW(parse_tile(bad), Error) << bad;
  }
}

}  // namespace
}  // namespace impasto::job
