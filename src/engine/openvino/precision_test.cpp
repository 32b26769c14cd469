#include "engine/precision.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "engine/calibrator.h"

namespace impasto::engine {
namespace {

class Precision : public ::testing::Test {
 protected:
  static constexpr Size kSize{128, 96};

  Precision() {
    options_.canvas = canvas_for(kSize);
    const auto picture = std::make_shared<Picture>(kSize);
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 0; y < kSize.height; ++y) {
        float* row = picture->plane(channel) + static_cast<std::size_t>(y) * picture->stride();
        for (int x = 0; x < kSize.width; ++x) {
          row[x] = 0.5F + 0.4F * std::sin(0.1F * static_cast<float>(x * (channel + 1) + y));
        }
      }
    }
    picture->mirror_into_margin();
    const auto calibration =
        std::make_shared<Calibration>(make_calibrator(file_, options_)->see(*picture, true));
    samples_ = {{picture, calibration}, {picture, calibration}};
  }

  std::filesystem::path file_ =
      std::filesystem::path(IMPASTO_SOURCE_DIR) / "styles" / "starry-night" / "style.onnx";
  PainterOptions options_;
  std::vector<Sample> samples_;
};

TEST_F(Precision, is_what_is_asked_for) {
  EXPECT_EQ(choose_precision(file_, options_, "f32", samples_).precision, "f32");
  const PrecisionChoice whole = choose_precision(file_, options_, "int8", samples_);
  EXPECT_EQ(whole.precision, "int8");
  EXPECT_TRUE(whole.kept.empty());
  EXPECT_GT(whole.psnr, 30);
}

TEST_F(Precision, is_chosen_so_that_it_is_like_float32) {
  const PrecisionChoice choice = choose_precision(file_, options_, "auto", samples_);
  EXPECT_GE(choice.psnr, kEnough);
  // Half of the layers at most are kept out of whole numbers.
  EXPECT_LE(choice.kept.size(), layers_of(file_, options_.canvas).size() / 2);
}

TEST_F(Precision, is_not_chosen_without_a_picture) {
  EXPECT_THROW(choose_precision(file_, options_, "auto", {}), Error);
}

}  // namespace
}  // namespace impasto::engine
