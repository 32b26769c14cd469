#include "job/work_size.h"

#include <gtest/gtest.h>

namespace impasto::job {
namespace {

constexpr AVRational kSquare{1, 1};

TEST(WorkSize, IsTheSameForAllCommonSizes) {
  for (const Size size : {Size{854, 480}, Size{960, 540}, Size{1920, 1080}, Size{3840, 2160}}) {
    const Size work = work_size(size, kSquare, 1.0);
    EXPECT_NEAR(work.width, 1280, 2) << to_string(size);
    EXPECT_NEAR(work.height, 720, 2) << to_string(size);
  }
  EXPECT_EQ(work_size({1080, 1920}, kSquare, 1.0), (Size{720, 1280}));
}

TEST(WorkSize, OfWhatIsNearlyAsLargeIsItsOwn) {
  for (const Size size : {Size{1280, 720}, Size{1280, 534}, Size{1366, 768}, Size{1025, 577}}) {
    EXPECT_EQ(work_size(size, kSquare, 1.0), size);
  }
}

TEST(WorkSize, OfSmallPicturesIsAtMostTwiceTheirOwn) {
  EXPECT_EQ(work_size({64, 48}, kSquare, 1.0), (Size{128, 96}));
  EXPECT_EQ(work_size({640, 360}, kSquare, 1.0), (Size{1280, 720}));
}

TEST(WorkSize, FollowsTheStroke) {
  EXPECT_EQ(work_size({1280, 720}, kSquare, 2.0), (Size{640, 360}));
  EXPECT_EQ(work_size({1280, 720}, kSquare, 0.5), (Size{2560, 1440}));
  EXPECT_EQ(work_size({3840, 2160}, kSquare, 4.0), (Size{320, 180}));
  EXPECT_EQ(work_size({3840, 2160}, kSquare, std::nullopt), (Size{3840, 2160}));
}

TEST(WorkSize, HasSquarePixels) {
  const Size work = work_size({1440, 1080}, {4, 3}, 1.0);
  EXPECT_EQ(work, (Size{1280, 720}));
}

}  // namespace
}  // namespace impasto::job
