#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/error.h"
#include "engine/calibrator.h"
#include "engine/openvino/tiny_onnx.h"
#include "engine/painter.h"

namespace impasto::engine {
namespace {

std::filesystem::path shipped(const std::string& style) {
  return std::filesystem::path(IMPASTO_SOURCE_DIR) / "styles" / style / "style.onnx";
}

/// A picture with slopes, edges and some noise, different for every seed.
Picture scene(Size size, unsigned seed) {
  Picture picture(size);
  std::minstd_rand random(seed);
  std::uniform_real_distribution<float> noise(-0.03F, 0.03F);
  std::uniform_real_distribution<float> any(0, 1);
  const float turn = any(random) * 3;
  const float centre = any(random);
  for (int channel = 0; channel < 3; ++channel) {
    const float level = any(random);
    for (int y = 0; y < size.height; ++y) {
      float* row = picture.plane(channel) + static_cast<std::size_t>(y) * picture.stride();
      for (int x = 0; x < size.width; ++x) {
        const float across = static_cast<float>(x) / static_cast<float>(size.width);
        const float down = static_cast<float>(y) / static_cast<float>(size.height);
        const bool inside = std::hypot(across - centre, down - 0.5F) < 0.25F;
        const float wave =
            0.3F * std::sin(turn + 9 * across + 5 * down * static_cast<float>(channel));
        row[x] = std::clamp((inside ? 1 - level : level * 0.6F) + wave + noise(random), 0.0F, 1.0F);
      }
    }
  }
  picture.mirror_into_margin();
  return picture;
}

PainterOptions options_for(Size size, const std::string& precision) {
  PainterOptions options;
  options.canvas = canvas_for(size);
  options.precision = precision;
  return options;
}

std::vector<float> paint(Painter& painter, const Picture& in) {
  Picture out(in.size());
  painter.paint(in, out);
  return {out.data(), out.data() + 3 * out.plane_size()};
}

double psnr(const std::vector<float>& one, const std::vector<float>& other) {
  double square = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    square += std::pow(std::clamp(one[i], 0.0F, 1.0F) - std::clamp(other[i], 0.0F, 1.0F), 2);
  }
  return 10 * std::log10(static_cast<double>(one.size()) / square);
}

double largest_difference(const std::vector<float>& one, const std::vector<float>& other) {
  double largest = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    largest = std::max<double>(largest, std::abs(one[i] - other[i]));
  }
  return largest;
}

class Calibrated : public ::testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Painter> painter(const std::string& precision,
                                   std::shared_ptr<const Calibration> calibration) {
    PainterOptions options = options_for(size_, precision);
    options.calibration = std::move(calibration);
    return make_painter(style_, options);
  }

  std::shared_ptr<const Calibration> seen(const Picture& picture) {
    return std::make_shared<Calibration>(
        make_calibrator(style_, options_for(size_, "f32"))->see(picture, true));
  }

  std::filesystem::path style_ = shipped(GetParam());
  Size size_{320, 184};
};

TEST_P(Calibrated, paints_a_picture_of_the_same_statistics_as_the_plain_net_does) {
  const Picture picture = scene(size_, 1);
  const auto plain = paint(*painter("f32", nullptr), picture);
  const auto folded = paint(*painter("f32", seen(picture)), picture);
  EXPECT_LT(largest_difference(plain, folded), 1e-3);
}

TEST_P(Calibrated, paints_in_whole_numbers_what_it_paints_in_f32) {
  const Picture picture = scene(size_, 2);
  const auto calibration = seen(picture);
  const auto folded = paint(*painter("f32", calibration), picture);
  const auto whole = painter("int8", calibration);
  EXPECT_EQ(whole->info().precision, "int8");
  const double likeness = psnr(folded, paint(*whole, picture));
  EXPECT_GT(likeness, 37);
}

TEST_P(Calibrated, paints_in_tiles_what_it_paints_at_once) {
  for (const Size size : {Size{640, 360}, Size{437, 611}}) {
    size_ = size;
    const Picture picture = scene(size_, 3);
    const auto calibration = seen(picture);
    for (const std::string precision : {"f32", "int8"}) {
      PainterOptions options = options_for(size_, precision);
      options.calibration = calibration;
      const auto whole = make_painter(style_, options);
      options.tile_pixels = 400LL * 400;
      const auto tiled = make_painter(style_, options);
      EXPECT_EQ(whole->info().tile, canvas_for(size_));
      EXPECT_LT(tiled->info().tile.width * tiled->info().tile.height, size_.width * size_.height);
      EXPECT_LE(largest_difference(paint(*whole, picture), paint(*tiled, picture)), 0.5 / 255)
          << precision;
    }
  }
}

TEST_P(Calibrated, cannot_be_painted_in_tiles_by_each_tile_s_own_statistics) {
  PainterOptions options = options_for({640, 360}, "f32");
  options.tile_pixels = 400LL * 400;
  EXPECT_THROW(make_painter(style_, options), Error);
}

INSTANTIATE_TEST_SUITE_P(Styles, Calibrated, ::testing::Values("starry-night", "composition-vii"),
                         [](const auto& style) {
                           std::string name = style.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace impasto::engine
