#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <vector>

#include "base/error.h"
#include "engine/enlarger.h"
#include "network/enlarger_file.h"

namespace impasto::network {
namespace {

/// A picture of one channel, or several, that mirrors itself beyond its edges.
struct Grid {
  int channels = 1;
  int height = 0;
  int width = 0;
  std::vector<float> values;

  Grid(int c, int h, int w)
      : channels(c),
        height(h),
        width(w),
        values(static_cast<std::size_t>(c) * static_cast<std::size_t>(h) *
               static_cast<std::size_t>(w)) {}
  float& at(int c, int y, int x) {
    const int place = (c * height + y) * width + x;
    return values[static_cast<std::size_t>(place)];
  }
  float mirrored(int y, int x) {
    const auto inside = [](int place, int size) {
      place = std::abs(place);
      return place >= size ? 2 * (size - 1) - place : place;
    };
    return at(0, inside(y, height), inside(x, width));
  }
};

Weights random_weights() {
  std::mt19937 engine(7);
  std::normal_distribution<float> normal(0, 0.1F);
  Weights weights;
  for (const EnlargerLayer& layer : kEnlargerLayers) {
    auto& weight = weights[std::string(layer.name) + ".weight"];
    weight.resize(static_cast<std::size_t>(layer.outputs * layer.inputs * 9));
    // What the file's 16 bits hold, so that both compute with the same.
    std::generate(weight.begin(), weight.end(),
                  [&] { return std::round(normal(engine) * 512) / 512; });
    auto& bias = weights[std::string(layer.name) + ".bias"];
    bias.resize(static_cast<std::size_t>(layer.outputs));
    std::generate(bias.begin(), bias.end(), [&] { return normal(engine); });
  }
  return weights;
}

/// The enlarger, spelt out.
Grid enlarged(Grid picture, const Weights& weights) {
  const int margin = static_cast<int>(kEnlargerLayers.size());
  Grid flow(4, picture.height / 2 + 2 * margin, picture.width / 2 + 2 * margin);
  for (int c = 0; c < 4; ++c) {
    for (int y = 0; y < flow.height; ++y) {
      for (int x = 0; x < flow.width; ++x) {
        flow.at(c, y, x) = picture.mirrored((y - margin) * 2 + c / 2, (x - margin) * 2 + c % 2);
      }
    }
  }
  for (const EnlargerLayer& layer : kEnlargerLayers) {
    const auto& weight = weights.at(std::string(layer.name) + ".weight");
    const auto& bias = weights.at(std::string(layer.name) + ".bias");
    const bool last = &layer == &kEnlargerLayers.back();
    Grid next(static_cast<int>(layer.outputs), flow.height - 2, flow.width - 2);
    for (int o = 0; o < next.channels; ++o) {
      for (int y = 0; y < next.height; ++y) {
        for (int x = 0; x < next.width; ++x) {
          float sum = bias[static_cast<std::size_t>(o)];
          for (int i = 0; i < flow.channels; ++i) {
            for (int k = 0; k < 9; ++k) {
              const int tap = (o * flow.channels + i) * 9 + k;
              sum += weight[static_cast<std::size_t>(tap)] * flow.at(i, y + k / 3, x + k % 3);
            }
          }
          next.at(o, y, x) = last ? sum : std::max(sum, 0.0F);
        }
      }
    }
    flow = std::move(next);
  }
  Grid large(1, picture.height * 2, picture.width * 2);
  for (int y = 0; y < large.height; ++y) {
    for (int x = 0; x < large.width; ++x) {
      large.at(0, y, x) = picture.at(0, y / 2, x / 2) + flow.at(y % 4 * 4 + x % 4, y / 4, x / 4);
    }
  }
  return large;
}

class EnlargerTest : public testing::Test {
 protected:
  EnlargerTest() : weights_(random_weights()) {
    file_ = std::filesystem::path(testing::TempDir()) / fmt::format("enlarger-{}.onnx", getpid());
    std::ofstream(file_, std::ios::binary) << write_enlarger(weights_, {});
    engine::PainterOptions options;
    options.precision = "f32";
    enlarger_ = engine::make_enlarger(file_, options);
  }
  ~EnlargerTest() override { std::filesystem::remove(file_); }

  Weights weights_;
  std::filesystem::path file_;
  std::unique_ptr<engine::Enlarger> enlarger_;
};

TEST_F(EnlargerTest, GivesWhatPlainLoopsGive) {
  std::mt19937 engine(3);
  std::uniform_real_distribution<float> any(0, 1);
  // One strip that is not full, several with a last one that overlaps, and just two.
  for (const Size size : {Size{16, 16}, Size{50, 150}, Size{34, 128}}) {
    Grid picture(1, size.height, size.width);
    std::generate(picture.values.begin(), picture.values.end(), [&] { return any(engine); });
    Grid expected = enlarged(picture, weights_);
    Grid found(1, 2 * size.height, 2 * size.width);
    enlarger_->enlarge({picture.values.data(), static_cast<std::size_t>(size.width), size},
                       {found.values.data(),
                        static_cast<std::size_t>(2 * size.width),
                        {2 * size.width, 2 * size.height}});
    for (std::size_t i = 0; i < found.values.size(); ++i) {
      ASSERT_NEAR(found.values[i], expected.values[i], 1e-4)
          << "value " << i << " of " << to_string(size);
    }
  }
}

TEST_F(EnlargerTest, RefusesOddSides) {
  std::vector<float> values(10'000);
  EXPECT_THROW(enlarger_->enlarge({values.data(), 33, {33, 32}}, {values.data(), 66, {66, 64}}),
               Error);
  EXPECT_THROW(enlarger_->enlarge({values.data(), 32, {32, 32}}, {values.data(), 66, {66, 64}}),
               Error);
}

TEST(EnlargerFile, HasToBeWhole) {
  Weights weights = random_weights();
  weights.erase("second.bias");
  EXPECT_THROW(write_enlarger(weights, {}), Error);
}

}  // namespace
}  // namespace impasto::network
