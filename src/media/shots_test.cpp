#include "media/shots.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace impasto::media {
namespace {

constexpr int kWidth = 96;
constexpr int kHeight = 54;

/// A frame whose brightness at (x, y) a function gives, 0..1, with a little grain.
FramePtr frame_of(const std::function<double(double, double)>& brightness, unsigned grain = 1,
                  AVPixelFormat format = AV_PIX_FMT_YUV420P) {
  FramePtr frame = make_picture_frame(format, kWidth, kHeight);
  std::minstd_rand random(grain);
  std::uniform_real_distribution<double> noise(-0.02, 0.02);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const double value = brightness(x / double{kWidth}, y / double{kHeight}) + noise(random);
      const double clipped = std::min(1.0, std::max(0.0, value));
      std::uint8_t* row = frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0];
      if (format == AV_PIX_FMT_YUV420P) {
        row[x] = static_cast<std::uint8_t>(std::lround(clipped * 255));
      } else {
        reinterpret_cast<std::uint16_t*>(row)[x] =
            static_cast<std::uint16_t>(std::lround(clipped * 1023));
      }
    }
  }
  return frame;
}

/// A dark house before a light sky, moved sideways.
double house(double x, double y, double moved = 0) {
  return y > 0.4 && std::abs(x - 0.4 - moved) < 0.2 ? 0.15 : 0.75 - 0.3 * y;
}

/// A face: a light round on dark ground.
double face(double x, double y) { return std::hypot(x - 0.6, y - 0.5) < 0.3 ? 0.7 : 0.1 + 0.1 * x; }

/// Numbers of the frames that begin a shot.
std::vector<int> cuts_in(const std::vector<FramePtr>& frames) {
  ShotDetector detector;
  std::vector<int> cuts;
  for (std::size_t number = 0; number < frames.size(); ++number) {
    if (detector.is_cut(*frames[number])) {
      cuts.push_back(static_cast<int>(number));
    }
  }
  return cuts;
}

std::vector<FramePtr> film(int count, const std::function<double(int, double, double)>& at,
                           AVPixelFormat format = AV_PIX_FMT_YUV420P) {
  std::vector<FramePtr> frames;
  frames.reserve(static_cast<std::size_t>(count));
  for (int number = 0; number < count; ++number) {
    frames.push_back(frame_of([&](double x, double y) { return at(number, x, y); },
                              static_cast<unsigned>(number + 1), format));
  }
  return frames;
}

TEST(ShotDetector, sees_a_cut_at_its_first_frame) {
  const auto cut = [](int number, double x, double y) {
    return number < 10 ? house(x, y) : face(x, y);
  };
  EXPECT_THAT(cuts_in(film(20, cut)), ::testing::ElementsAre(10));
  EXPECT_THAT(cuts_in(film(20, cut, AV_PIX_FMT_YUV420P10LE)), ::testing::ElementsAre(10));
}

TEST(ShotDetector, sees_no_cut_in_movement) {
  EXPECT_THAT(cuts_in(film(40, [](int number, double x,
                                  double y) { return house(x, y, 0.015 * number - 0.2); })),
              ::testing::IsEmpty());
}

TEST(ShotDetector, sees_no_cut_in_flashes) {
  EXPECT_THAT(cuts_in(film(30,
                           [](int number, double x, double y) {
                             const bool flash = number == 8 || number == 15 || number == 16;
                             return house(x, y) * (flash ? 0.3 : 1) + (flash ? 0.7 : 0);
                           })),
              ::testing::IsEmpty())
      << "brighter, but alike";
  EXPECT_THAT(
      cuts_in(film(30, [](int number, double x,
                          double y) { return number == 8 || number == 9 ? 1.0 : house(x, y); })),
      ::testing::IsEmpty())
      << "wholly white";
}

TEST(ShotDetector, sees_no_cut_in_a_fade_and_one_behind_black) {
  EXPECT_THAT(cuts_in(film(40,
                           [](int number, double x, double y) {
                             return house(x, y) * std::min(1.0, std::abs(number - 20) / 15.0);
                           })),
              ::testing::IsEmpty());
  EXPECT_THAT(cuts_in(film(30,
                           [](int number, double x, double y) {
                             return number < 10 ? house(x, y) : number < 15 ? 0.05 : face(x, y);
                           })),
              ::testing::ElementsAre(15));
}

TEST(ShotDetector, sees_no_cut_in_a_still) {
  EXPECT_THAT(cuts_in(film(20, [](int, double x, double y) { return face(x, y); })),
              ::testing::IsEmpty());
  EXPECT_THAT(cuts_in(film(20, [](int, double, double) { return 0.5; })), ::testing::IsEmpty());
}

}  // namespace
}  // namespace impasto::media
