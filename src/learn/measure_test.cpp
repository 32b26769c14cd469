#include "learn/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"

namespace impasto::learn {
namespace {

using testing::HasSubstr;
using torch::indexing::Slice;

constexpr int kSide = 192;

std::vector<float> values_of(const torch::Tensor& tensor) {
  const auto whole = tensor.contiguous();
  return {whole.data_ptr<float>(), whole.data_ptr<float>() + whole.numel()};
}

torch::Tensor square(const torch::Tensor& scene, int top, int left) {
  return scene.index({Slice(), Slice(), Slice(top, top + kSide), Slice(left, left + kSide)});
}

/// Soft clouds of colour, which no grid can be told in.
torch::Tensor clouds() {
  torch::manual_seed(1);
  namespace functional = torch::nn::functional;
  return functional::interpolate(torch::rand({1, 3, 12, 12}),
                                 functional::InterpolateFuncOptions()
                                     .size(std::vector<std::int64_t>{kSide + 16, kSide + 16})
                                     .mode(torch::kBilinear)
                                     .align_corners(false));
}

/// A scene, "painted" by `paint`, and the same moved down by 3 and left by 2.
template <typename Paint>
std::string stream_of(const Paint& paint) {
  const torch::Tensor scene = clouds();
  const auto first = square(scene, 8, 8);
  const media::PaintedPhoto photo{"clouds",
                                  {kSide, kSide},
                                  3,
                                  -2,
                                  values_of(first),
                                  values_of(paint(first)),
                                  values_of(paint(square(scene, 11, 6)))};
  std::string bytes;
  for (int i = 0; i < 2; ++i) {
    media::write_painted_photo(photo, [&](std::span<const std::byte> part) {
      bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
    });
  }
  return bytes;
}

class Measure : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kVgg)) {
      GTEST_SKIP() << "VGG-19 is not installed (make setup)";
    }
  }

  static StyleMeasures of(const std::string& bytes) {
    std::istringstream stream(bytes);
    Progress progress(ProgressMode::none);
    return measure(stream, square(clouds(), 8, 8), Perceptual(kVgg, torch::kCPU, torch::kFloat),
                   progress);
  }

  static constexpr const char* kVgg = IMPASTO_SOURCE_DIR "/.deps/vgg19_relu5_1.safetensors";
};

TEST_F(Measure, a_painting_that_is_the_photo_has_lost_nothing) {
  const StyleMeasures measures = of(stream_of([](const auto& picture) { return picture; }));
  EXPECT_EQ(measures.each.size(), 2U);
  EXPECT_NEAR(measures.content, 0, 1e-6);
  EXPECT_NEAR(measures.style, 0, 1e-6);  // the photo is the painting to compare with, too
  EXPECT_NEAR(measures.shift, 0, 1e-9);
  EXPECT_EQ(measures.painted.power, measures.photos.power);
}

TEST_F(Measure, what_stays_in_its_place_when_the_photo_moves_is_an_error) {
  const torch::Tensor scene = clouds();
  const auto stuck = [&](const auto&) { return square(scene, 8, 8); };
  EXPECT_GT(of(stream_of(stuck)).shift, 1e-4);
}

TEST_F(Measure, a_pixel_grid_is_seen) {
  const StyleMeasures measures = of(stream_of([](const torch::Tensor& picture) {
    torch::Tensor grid = picture.clone();
    grid.index({Slice(), Slice(), Slice(), Slice(0, torch::indexing::None, 4)}) += 0.01;
    return grid;
  }));
  EXPECT_GT(measures.painted.power[1], 10 * measures.photos.power[1]);  // along rows, period 4
  EXPECT_NEAR(measures.painted.power[4], measures.photos.power[4], 0.1);
  EXPECT_NEAR(measures.painted.phase_means, 0.01 * 255 * 3 / 4, 0.5);
  EXPECT_LT(measures.photos.phase_means, 0.5);
}

TEST_F(Measure, everything_is_told_in_table_and_json) {
  const StyleMeasures measures = of(stream_of([](const auto& picture) { return picture * 0.5; }));
  const std::string table = to_table(measures, "dim");
  EXPECT_THAT(table, HasSubstr("dim on 2 photos"));
  EXPECT_THAT(table, HasSubstr("grid, period 2 columns"));
  const auto json = nlohmann::json::parse(to_json(measures, "dim"));
  EXPECT_EQ(json["style_loss"], measures.style);
  EXPECT_EQ(json["grid_power"]["period_8"]["along_rows"], measures.painted.power[0]);
  EXPECT_EQ(json["each"].size(), 2U);
  EXPECT_EQ(json["each"][1]["photo"], "clouds");
}

TEST_F(Measure, no_photo_at_all_is_refused) { EXPECT_THROW(of(""), Error); }

}  // namespace
}  // namespace impasto::learn
