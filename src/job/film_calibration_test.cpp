#include "job/film_calibration.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"

namespace impasto::job {
namespace {

using engine::Calibration;

constexpr std::int64_t kSecond = 1000;

/// Statistics of a net with one norm of two channels: a picture of so much light and contrast.
Calibration seen(float light, float contrast = 1) {
  Calibration one;
  one.norms.push_back({"first", {light, -light}, {contrast, contrast}});
  one.activations.push_back({"read", {light}, {0}, {contrast}});
  return one;
}

FilmCalibration film_of(std::vector<Stretch> stretches) {
  FilmCalibration film;
  film.precision = {"int8", {"last"}, 41.5};
  film.stretches = std::move(stretches);
  return film;
}

TEST(Stretches, of_a_steady_shot_are_one) {
  const auto stretches =
      stretches_of({{10, seen(0.5F)}, {500, seen(0.51F)}, {1500, seen(0.5F)}}, 0, 2000, kSecond);
  ASSERT_EQ(stretches.size(), 1U);
  EXPECT_EQ(stretches[0].from, 0);
  EXPECT_EQ(stretches[0].fade, 0);
  EXPECT_NEAR(stretches[0].calibration->norms[0].mean[0], 0.5033F, 1e-4);
}

TEST(Stretches, of_a_drifting_shot_turn_into_each_other) {
  std::vector<std::pair<std::int64_t, Calibration>> drift;
  for (int i = 0; i <= 10; ++i) {
    drift.emplace_back(i * 1000, seen(0.05F * static_cast<float>(i)));
  }
  const auto stretches = stretches_of(drift, 0, 11000, kSecond);
  ASSERT_GT(stretches.size(), 2U);
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    EXPECT_GT(stretches[i].from, stretches[i - 1].from);
    EXPECT_EQ(stretches[i].fade, kSecond);
    EXPECT_LT(engine::distance(*stretches[i].calibration, *stretches[i - 1].calibration), 0.25);
  }
}

TEST(Stretches, do_not_fade_into_one_another_twice) {
  std::vector<std::pair<std::int64_t, Calibration>> quick;
  for (int i = 0; i <= 6; ++i) {
    quick.emplace_back(i * 100, seen(static_cast<float>(i)));
  }
  const auto stretches = stretches_of(quick, 0, 700, kSecond);
  ASSERT_EQ(stretches.size(), 7U);
  for (std::size_t i = 2; i < stretches.size(); ++i) {
    EXPECT_GE(stretches[i].from - stretches[i].fade / 2,
              stretches[i - 1].from + stretches[i - 1].fade / 2);
  }
}

TEST(Stretches, do_not_count_a_flash_or_the_dark_of_a_fade) {
  const auto flash =
      stretches_of({{0, seen(0.5F)}, {500, seen(5)}, {1000, seen(0.5F)}}, 0, 1500, kSecond);
  ASSERT_EQ(flash.size(), 1U);
  EXPECT_FLOAT_EQ(flash[0].calibration->norms[0].mean[0], 0.5F);
  const auto fade = stretches_of({{0, seen(0, 0.01F)}, {500, seen(0.1F, 0.3F)}, {1000, seen(0.5F)}},
                                 0, 1500, kSecond);
  ASSERT_EQ(fade.size(), 1U);
  EXPECT_FLOAT_EQ(fade[0].calibration->norms[0].mean[0], 0.5F);
  EXPECT_EQ(fade[0].from, 0) << "the dark frames belong to it";
}

TEST(Stretches, all_know_ranges_though_not_every_picture_tells_them) {
  Calibration silent = seen(3);
  silent.activations.clear();
  const auto stretches =
      stretches_of({{0, seen(0.5F)}, {900, silent}, {1800, silent}}, 0, 2000, kSecond);
  ASSERT_EQ(stretches.size(), 2U);
  EXPECT_FALSE(stretches[1].calibration->activations.empty());
}

TEST(Blend, tells_which_stretches_a_frame_is_painted_by) {
  const auto one = std::make_shared<Calibration>(seen(0.5F));
  const FilmCalibration film = film_of({{0, 0, one}, {1000, 0, one}, {2000, 500, one}});
  const auto at = [&](std::int64_t pts) {
    const Blend blend = blend_at(film, pts);
    return std::pair(blend.stretch, blend.later);
  };
  EXPECT_EQ(at(-40), std::pair(std::size_t{0}, 0.0)) << "before the first";
  EXPECT_EQ(at(999), std::pair(std::size_t{0}, 0.0));
  EXPECT_EQ(at(1000), std::pair(std::size_t{1}, 0.0)) << "a cut is hard";
  EXPECT_EQ(at(1749), std::pair(std::size_t{1}, 0.0));
  EXPECT_EQ(at(1750).first, 1U);
  EXPECT_LT(at(1750).second, 0.01);
  EXPECT_NEAR(at(2000).second, 0.5, 0.01);
  EXPECT_GT(at(2249).second, 0.99);
  EXPECT_EQ(at(2250), std::pair(std::size_t{2}, 0.0));
  EXPECT_EQ(at(99999), std::pair(std::size_t{2}, 0.0));
  for (std::int64_t pts = 1751; pts < 2250; ++pts) {
    EXPECT_GT(at(pts).second, at(pts - 1).second);
  }
}

TEST(FilmCalibration, comes_back_from_its_text_as_it_was) {
  const auto one = std::make_shared<Calibration>(engine::pooled({seen(0.1F)}));
  const FilmCalibration film = film_of({{-5, 0, one}, {1000, 250, one}});
  const FilmCalibration back = film_calibration_from_json(to_json(film));
  EXPECT_EQ(back.precision.precision, "int8");
  EXPECT_EQ(back.precision.kept, film.precision.kept);
  EXPECT_EQ(back.precision.psnr, 41.5);
  ASSERT_EQ(back.stretches.size(), 2U);
  EXPECT_EQ(back.stretches[0].from, -5);
  EXPECT_EQ(back.stretches[1].fade, 250);
  EXPECT_EQ(engine::to_json(*back.stretches[1].calibration), engine::to_json(*one));
  EXPECT_THROW(film_calibration_from_json("{}"), Error);
  EXPECT_THROW(film_calibration_from_json(R"({"version":2,"stretches":[]})"), Error);
}

}  // namespace
}  // namespace impasto::job
