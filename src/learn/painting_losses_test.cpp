#include "learn/painting_losses.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

namespace impasto::learn {
namespace {

constexpr int kSide = 128;
constexpr int kPhotos = 3;

struct Gradients {
  Losses losses;
  std::map<std::string, torch::Tensor> of_weights;
  torch::Tensor of_codes;
};

/// A step on made pictures, each in another style; all random numbers are the same each time.
Gradients on_threads(int threads) {
  const int before = torch::get_num_threads();
  torch::set_num_threads(threads);
  const Perceptual perceptual(
      std::filesystem::path(IMPASTO_SOURCE_DIR) / ".deps" / "vgg19_relu5_1.safetensors",
      torch::kCPU, torch::kFloat);
  torch::manual_seed(8);
  const PaintingNet net(torch::kCPU, torch::kFloat);
  Crops crops{torch::rand({kPhotos, 3, kSide, kSide}), torch::rand({kPhotos, 3, kSide, kSide}), 6,
              -3};
  std::vector<torch::Tensor> grams;
  for (int i = 0; i < kPhotos; ++i) {
    const auto target = target_of(perceptual, torch::rand({1, 3, 64, 64}));
    for (std::size_t stage = 0; stage < target.grams.size(); ++stage) {
      if (i == 0) {
        grams.emplace_back(target.grams[stage]);
      } else {
        grams[stage] = torch::cat({grams[stage], target.grams[stage]});
      }
    }
  }
  const auto codes = (torch::randn({kPhotos, 2688}) * 0.2).set_requires_grad(true);
  Gradients result;
  result.losses = back_propagate(net, perceptual, crops, codes, grams, {});
  for (const auto& [name, parameter] : net.parameters()) {
    if (!is_code(name)) {
      result.of_weights[name] = parameter.grad();
    }
  }
  result.of_codes = codes.grad();
  torch::set_num_threads(before);
  return result;
}

TEST(PaintingLosses, any_number_of_threads_finds_the_same_gradients) {
  const Gradients one = on_threads(1);
  const Gradients more = on_threads(2);
  const auto same = [](const torch::Tensor& a, const torch::Tensor& b) {
    return (a - b).norm().item<double>() < 1e-4 * a.norm().item<double>();
  };
  ASSERT_GT(one.of_codes.norm().item<double>(), 0);
  EXPECT_TRUE(same(one.of_codes, more.of_codes));
  for (const auto& [name, gradient] : one.of_weights) {
    EXPECT_TRUE(same(gradient, more.of_weights.at(name))) << name;
  }
  EXPECT_NEAR(one.losses.style, more.losses.style, 1e-5 * one.losses.style);
  EXPECT_NEAR(one.losses.tone, more.losses.tone, 1e-5 * one.losses.tone);
  EXPECT_GT(one.losses.tone, 0);
}

}  // namespace
}  // namespace impasto::learn
