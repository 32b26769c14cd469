#pragma once

// Made films for the tests that tell shots.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "media/av.h"

namespace impasto::media::test {

constexpr int kWidth = 96;
constexpr int kHeight = 54;

/// A frame whose brightness at (x, y) a function gives, 0..1, with a little grain.
inline FramePtr frame_of(const std::function<double(double, double)>& brightness,
                         unsigned grain = 1, AVPixelFormat format = AV_PIX_FMT_YUV420P) {
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
inline double house(double x, double y, double moved = 0) {
  return y > 0.4 && std::abs(x - 0.4 - moved) < 0.2 ? 0.15 : 0.75 - 0.3 * y;
}

/// A face: a light round on dark ground.
inline double face(double x, double y) {
  return std::hypot(x - 0.6, y - 0.5) < 0.3 ? 0.7 : 0.1 + 0.1 * x;
}

inline std::vector<FramePtr> film(int count, const std::function<double(int, double, double)>& at,
                                  AVPixelFormat format = AV_PIX_FMT_YUV420P) {
  std::vector<FramePtr> frames;
  frames.reserve(static_cast<std::size_t>(count));
  for (int number = 0; number < count; ++number) {
    frames.push_back(frame_of([&](double x, double y) { return at(number, x, y); },
                              static_cast<unsigned>(number + 1), format));
  }
  return frames;
}

}  // namespace impasto::media::test
