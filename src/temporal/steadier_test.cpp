#include "temporal/steadier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "base/error.h"
#include "temporal/metrics.h"
#include "temporal/test_pictures.h"

namespace impasto::temporal {
namespace {

using Scene = std::function<Picture(int)>;
using Frames = std::vector<std::shared_ptr<const Picture>>;

Guide guide_to(const Scene& source, int frame, double level) {
  const GuideOptions options = guide_options_at(level);
  const Picture before = source(frame - 1);
  const Picture now = source(frame);
  const Size size = working_size(now.size(), options.longest);
  return guide(look_at(before, size, options), look_at(now, size, options), options);
}

/// Frames `first` to `last` - 1 of a painting, steadied along their source.
Frames steadied(const Scene& source, const Scene& painting, int first, int last, double level) {
  Steadier steadier(level);
  Frames frames;
  for (int frame = first; frame < last; ++frame) {
    const std::optional<Guide> guide =
        frame > first ? std::optional(guide_to(source, frame, level)) : std::nullopt;
    frames.push_back(steadier.next(guide ? &*guide : nullptr, painting(frame)));
  }
  return frames;
}

/// `scene` with noise whose standard deviation is `levels` of 255, new for each frame.
Scene noisy(const Scene& scene, double levels, int seed) {
  return [=](int frame) {
    Picture picture = scene(frame);
    const auto reach = static_cast<float>(levels / 255 * std::sqrt(12.0));
    for (int channel = 0; channel < 3; ++channel) {
      for (std::size_t i = 0; i < picture.plane_size(); ++i) {
        const auto place = static_cast<std::int64_t>(i);
        picture.plane(channel)[i] += reach * (random_at(place, 3 * frame + channel, seed) - 0.5F);
      }
    }
    return picture;
  };
}

double mean_of(const Picture& picture) {
  double sum = 0;
  for (int y = 0; y < picture.size().height; ++y) {
    for (int x = 0; x < picture.size().width; ++x) {
      sum += value_at(picture, x, y);
    }
  }
  return sum / (picture.size().width * picture.size().height);
}

double change_of(const Picture& one, const Picture& other) {
  const std::size_t count =
      static_cast<std::size_t>(one.size().width) * static_cast<std::size_t>(one.size().height);
  return flicker(one, other, std::vector<std::uint8_t>(count, 1)).absolute;
}

Scene still_blotches(Size size) {
  return [=](int) { return picture_of(size, [](int x, int y) { return blotches(x, y); }); };
}

TEST(Steadier, a_still_scene_stops_flickering_though_source_and_painting_are_noisy) {
  const Scene source = noisy(still_blotches({96, 64}), 3, 1);
  const Scene painting = noisy(still_blotches({96, 64}), 12, 2);
  const double before = change_of(painting(39), painting(40));
  for (const auto& [level, factor] : {std::pair(kSteadyLow, 0.4), std::pair(kSteadyHigh, 0.2)}) {
    const Frames frames = steadied(source, painting, 0, 41, level);
    EXPECT_LT(change_of(*frames[39], *frames[40]), factor * before) << "level " << level;
  }
}

TEST(Steadier, a_thousand_frames_of_a_still_scene_neither_darken_nor_drift) {
  const Size size{64, 48};
  const Scene painting = noisy(still_blotches(size), 12, 3);
  const Guide still = guide_to(still_blotches(size), 1, kSteadyHigh);
  EXPECT_THAT(still.trust, testing::Each(1));
  EXPECT_THAT(still.dx, testing::Each(0));
  Steadier steadier(kSteadyHigh);
  std::shared_ptr<const Picture> steady = steadier.next(nullptr, painting(0));
  for (int frame = 1; frame < 1000; ++frame) {
    steady = steadier.next(&still, painting(frame));
  }
  const Picture truth = still_blotches(size)(0);
  EXPECT_NEAR(mean_of(*steady), mean_of(truth), 0.25 / 255);
  EXPECT_LT(change_of(*steady, truth), 4.0 / 255);
}

TEST(Steadier, what_moves_leaves_no_ghost) {
  const Size size{160, 96};
  const Scene scene = [=](int frame) {
    return picture_of(size, [=](int x, int y) {
      const int left = 10 + 5 * frame;
      const bool square = x >= left && x < left + 24 && y >= 36 && y < 60;
      return square ? 0.95F : 0.35F + 0.2F * blotches(x, y);
    });
  };
  const Frames frames = steadied(scene, scene, 0, 16, kSteadyHigh);
  const Picture truth = scene(15);
  double worst = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      worst =
          std::max<double>(worst, std::abs(value_at(*frames[15], x, y) - value_at(truth, x, y)));
    }
  }
  EXPECT_LT(worst, 0.1);
  EXPECT_LT(change_of(*frames[15], truth), 0.5 / 255);
}

TEST(Steadier, a_fade_does_not_lag_behind) {
  const Size size{96, 64};
  const Scene scene = [=](int frame) {  // 5 levels a frame
    return picture_of(size, [=](int x, int y) {
      return (0.2F + 0.7F * blotches(x, y)) * (1 - 0.04F * static_cast<float>(frame));
    });
  };
  const Frames frames = steadied(scene, scene, 0, 20, kSteadyHigh);
  EXPECT_LT(change_of(*frames[19], scene(19)), 2.0 / 255);
}

TEST(Steadier, what_the_source_turns_into_is_followed) {
  const Size size{96, 64};
  const Scene scene = [=](int frame) {  // something lights up in a part that does not move
    return picture_of(size, [=](int x, int y) {
      return blotches(x, y) * (frame >= 5 && x > 30 && x < 60 ? 1.3F : 1.0F);
    });
  };
  const Frames frames = steadied(scene, scene, 0, 6, kSteadyHigh);
  const Picture truth = scene(5);
  for (int x = 36; x < 54; ++x) {
    EXPECT_NEAR(value_at(*frames[5], x, 32), value_at(truth, x, 32), 1e-3);
  }
}

TEST(Steadier, a_cut_and_the_first_frame_are_the_painting_itself) {
  const Size size{40, 40};
  const Scene noise = [=](int frame) {
    return picture_of(size, [=](int x, int y) { return random_at(x, y, frame); });
  };
  Steadier steadier(kSteadiest);
  const Guide still = guide_to(still_blotches(size), 1, kSteadiest);
  EXPECT_EQ(change_of(*steadier.next(&still, noise(0)), noise(0)), 0);  // there is none before
  EXPECT_GT(change_of(*steadier.next(&still, noise(1)), noise(1)), 0.1);
  EXPECT_EQ(change_of(*steadier.next(nullptr, noise(2)), noise(2)), 0);
}

TEST(Steadier, off_is_off) {
  const Size size{40, 40};
  const Guide still = guide_to(still_blotches(size), 1, 0);
  Steadier steadier(0);
  steadier.next(nullptr, still_blotches(size)(0));
  const Picture other = picture_of(size, [](int x, int y) { return random_at(x, y, 4); });
  Picture copy = picture_of(size, [](int x, int y) { return random_at(x, y, 4); });
  EXPECT_EQ(change_of(*steadier.next(&still, std::move(copy)), other), 0);
  EXPECT_EQ(warm_up_frames(0), 0);
}

TEST(Steadier, a_segment_that_begins_early_enough_gives_the_same_pictures) {
  const Size size{128, 96};
  const Scene source = [=](int frame) {
    return picture_of(size, [=](int x, int y) { return blotches(x + 0.7 * frame, y); });
  };
  const Scene painting = noisy(source, 12, 5);
  for (const double level : {kSteadyLow, kSteadyHigh}) {
    const int warm_up = warm_up_frames(level);
    const int last = 12 + warm_up;
    const auto whole = steadied(source, painting, 0, last + 1, level).back();
    const auto part = steadied(source, painting, last - warm_up, last + 1, level).back();
    int beyond = 0;
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        beyond += std::abs(value_at(*whole, x, y) - value_at(*part, x, y)) > 2.0 / 255 ? 1 : 0;
      }
    }
    EXPECT_LE(beyond, size.width * size.height / 1000) << "level " << level;
    EXPECT_LT(change_of(*whole, *part), 0.1 / 255) << "level " << level;
  }
}

TEST(Steadier, strokes_that_move_stay_sharp) {
  const Size size{128, 96};
  const auto strokes = [=](int frame) {  // fine grain that slides by parts of a pixel
    return picture_of(size, [=](int x, int y) {
      const float place = static_cast<float>(x) + 0.4F * static_cast<float>(frame);
      return blotches(place, y) + 0.12F * std::sin(1.7F * place + 0.9F * static_cast<float>(y));
    });
  };
  const Frames frames = steadied(strokes, strokes, 0, 30, kSteadyHigh);
  EXPECT_GT(sharpness(*frames.back()), 0.95 * sharpness(strokes(29)));
  EXPECT_LT(sharpness(*frames.back()), 1.05 * sharpness(strokes(29)));
}

TEST(Steadier, takes_any_size) {
  for (const Size size : {Size{1, 1}, Size{1, 90}, Size{90, 1}, Size{2, 3}, Size{33, 17},
                          Size{517, 291}, Size{1001, 3}}) {
    const Scene scene = [=](int frame) {
      return picture_of(size, [=](int x, int y) { return blotches(x + 2.3 * frame, y + frame); });
    };
    const Frames frames = steadied(scene, scene, 0, 4, kSteadyHigh);
    const Picture truth = scene(3);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        ASSERT_NEAR(value_at(*frames.back(), x, y), value_at(truth, x, y), 0.25)
            << to_string(size) << " at " << x << ", " << y;
      }
    }
  }
}

TEST(Steadier, what_does_not_belong_together_is_refused) {
  const Guide small = guide_to(still_blotches({30, 20}), 1, kSteadyLow);
  Steadier steadier(kSteadyLow);
  steadier.next(nullptr, still_blotches({40, 40})(0));
  EXPECT_THROW(steadier.next(&small, still_blotches({40, 40})(0)), Error);
  EXPECT_THROW(steadier.next(&small, still_blotches({30, 20})(0)), Error);
}

TEST(Steadier, levels_rise) {
  double before = 0;
  for (int level = 1; level <= 10; ++level) {
    EXPECT_GT(lean_at(level).still, before);
    EXPECT_LT(lean_at(level).moving, lean_at(level).still);
    before = lean_at(level).still;
  }
  EXPECT_EQ(lean_at(99).still, lean_at(kSteadiest).still);
  EXPECT_EQ(lean_at(-1).still, 0);
  EXPECT_EQ(warm_up_frames(kSteadyLow), 15);
  EXPECT_EQ(warm_up_frames(kSteadyHigh), 36);
}

}  // namespace
}  // namespace impasto::temporal
