#include "learn/losses.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <numbers>

#include "learn/crops.h"
#include "learn/mirrored.h"

namespace impasto::learn {
namespace {

constexpr float kTight = 1e-5F;

/// Features of one picture: two channels of two places.
torch::Tensor two_by_two() { return torch::tensor({1.0F, 2.0F, 3.0F, 4.0F}).view({1, 2, 1, 2}); }

/// Luma of a grey picture, the same in all channels.
torch::Tensor grey(const torch::Tensor& luma) {
  return luma.view({1, 1, luma.size(0), luma.size(1)}).expand({1, 3, -1, -1}).contiguous();
}

TEST(Losses, a_gram_matrix_worked_out_by_hand) {
  const auto matrix = gram(two_by_two());  // rows (1 2) and (3 4), two places
  const auto wanted = torch::tensor({5.0F, 11.0F, 11.0F, 25.0F}).view({1, 2, 2}) / 2;
  EXPECT_TRUE(torch::allclose(matrix, wanted));
}

TEST(Losses, gram_and_its_gradient_equal_a_plain_loop) {
  torch::manual_seed(2);
  const auto features = torch::randn({2, 5, 3, 4}).set_requires_grad(true);
  const auto weight = torch::randn({2, 5, 5});
  torch::Tensor plain = torch::zeros({2, 5, 5});
  torch::Tensor by_loop = torch::zeros_like(features);
  const auto values = features.detach();
  for (int n = 0; n < 2; ++n) {
    for (int i = 0; i < 5; ++i) {
      for (int j = 0; j < 5; ++j) {
        for (int place = 0; place < 12; ++place) {
          const auto at = [&](int channel) { return values[n][channel][place / 4][place % 4]; };
          plain[n][i][j] += at(i) * at(j) / 12;
          by_loop[n][i][place / 4][place % 4] += weight[n][i][j] * at(j) / 12;
          by_loop[n][j][place / 4][place % 4] += weight[n][i][j] * at(i) / 12;
        }
      }
    }
  }
  const auto matrix = gram(features);
  EXPECT_TRUE(torch::allclose(matrix, plain, 1e-4, kTight));
  const auto gradient = torch::autograd::grad({(matrix * weight).sum()}, {features})[0];
  EXPECT_TRUE(torch::allclose(gradient, by_loop, 1e-4, kTight));
}

TEST(Losses, places_count_by_their_weights) {
  torch::manual_seed(8);
  Features features;
  features.at(0) = torch::randn({2, 3, 8, 8});
  features.at(1) = torch::randn({2, 5, 4, 4});
  auto weights = torch::full({2, 1, 8, 8}, 0.3);
  const auto all = grams(features, 2);
  const auto alike = grams(features, 2, weights);
  weights.narrow(3, 4, 4).zero_();
  const auto left = grams(features, 2, weights);
  EXPECT_TRUE(torch::allclose(alike[1], all[1], 1e-4, kTight));
  EXPECT_TRUE(torch::allclose(left[1], gram(features.at(1).narrow(3, 0, 2)), 1e-4, kTight));
  EXPECT_TRUE(torch::equal(left[0], all[0]));  // the colours' stage
}

TEST(Losses, means_around_a_place_equal_a_plain_loop) {
  torch::manual_seed(10);
  const auto values = torch::rand({1, 1, 6, 7});
  const auto means = means_around(values, 2);
  const auto at = [&](int y, int x) {
    const auto inside = [](int i, int size) {
      return i < 0 ? -i : i < size ? i : 2 * size - 2 - i;
    };
    return values[0][0][inside(y, 6)][inside(x, 7)].item<float>();
  };
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 7; ++x) {
      float sum = 0;
      for (int i = 0; i < 25; ++i) {
        sum += at(y + i / 5 - 2, x + i % 5 - 2);
      }
      EXPECT_NEAR(means[0][0][y][x].item<float>(), sum / 25, kTight);
    }
  }
}

TEST(Losses, only_dark_places_without_detail_are_asked_for_no_strokes) {
  torch::manual_seed(9);
  const auto flat = torch::full({64, 64}, 0.1F);
  const auto noise = torch::rand({64, 64});
  const auto dark = stroke_weights(grey(flat + 0.02F * noise));
  EXPECT_EQ(dark.sizes(), (std::vector<std::int64_t>{1, 1, 64, 64}));
  EXPECT_LT(dark.max().item<float>(), 0.05F);
  EXPECT_GT(stroke_weights(grey(flat + 0.8F)).min().item<float>(), 0.99F);
  EXPECT_GT(stroke_weights(grey(flat + 0.5F * noise)).min().item<float>(), 0.99F);
  const auto half = torch::cat({flat, torch::full({64, 64}, 0.85F)}, 1);
  const auto weights = stroke_weights(grey(half))[0][0];
  EXPECT_LT(weights.narrow(1, 0, 32).max().item<float>(), 0.05F);
  EXPECT_GT(weights.narrow(1, 96, 32).min().item<float>(), 0.99F);
}

TEST(Losses, style_is_the_relative_error_of_the_gram_matrices) {
  const std::vector<torch::Tensor> painted{torch::ones({2, 2, 2}), torch::zeros({2, 1, 1})};
  const std::vector<torch::Tensor> target{torch::full({1, 2, 2}, 2.0), torch::ones({1, 1, 1})};
  const auto loss = style_loss(painted, target);  // 4/16 + 1/1, for each of two pictures
  EXPECT_TRUE(torch::allclose(loss, torch::full({2}, 1.25)));
}

TEST(Losses, content_counts_the_third_stage_by_half) {
  Features painted;
  Features content;
  for (int stage : {2, 3}) {
    content.at(stage) = torch::full({1, 4, 2, 2}, 2.0);
    painted.at(stage) = torch::full({1, 4, 2, 2}, 1.0);
  }
  EXPECT_NEAR(content_loss(painted, content).item<float>(), 0.25F + 0.5F * 0.25F, kTight);
}

TEST(Losses, a_painting_that_moves_with_its_picture_has_no_shift_loss) {
  torch::manual_seed(4);
  const auto whole = torch::rand({1, 3, 24, 24});
  const auto window = [&](int y, int x) { return whole.slice(2, y, y + 16).slice(3, x, x + 16); };
  for (const auto& [dy, dx] : {std::pair(3, -2), {-7, 7}, {0, 5}, {0, 0}}) {
    EXPECT_NEAR(shift_loss(window(8, 8), window(8 + dy, 8 + dx), dy, dx).item<float>(), 0, kTight);
  }
  EXPECT_GT(shift_loss(window(8, 8), window(8, 8), 1, 0).item<float>(), 0.01F);
}

TEST(Losses, what_is_darker_stays_darker) {
  torch::manual_seed(5);
  // Texture that a patch averages away must not count.
  const auto patches = torch::rand({2, 1, 4, 4}).repeat({1, 3, 1, 1});
  const auto content = torch::upsample_nearest2d(patches, {64, 64});
  const auto stripes =
      torch::tensor({0.1F, -0.1F}).repeat({32}).view({1, 1, 1, 64}).expand({2, 3, 64, 64});
  const auto brighter = tone_loss(content * 0.5 + 0.3 + stripes, content);
  EXPECT_EQ(brighter.sizes(), (std::vector<std::int64_t>{2}));
  EXPECT_LT(brighter.max().item<double>(), 0.01);
  EXPECT_NEAR(tone_loss(1 - content, content).min().item<double>(), 2, 0.01) << "a negative";
  EXPECT_NEAR(tone_loss(torch::full_like(content, 0.5), content).mean().item<double>(), 1, 1e-6);
  EXPECT_NEAR(tone_loss(content, torch::full_like(content, 0.5)).mean().item<double>(), 1, 1e-6);
}

TEST(Losses, crops_are_moved_as_they_say) {
  torch::manual_seed(1);
  const Size size{300, 260};
  Photo photo{size, std::vector<std::uint8_t>(std::size_t{3} * 300 * 260), "made"};
  for (std::size_t i = 0; i < photo.rgb.size(); ++i) {
    photo.rgb[i] = static_cast<std::uint8_t>(i * 7919 % 251);
  }
  for (std::int64_t step = 0; step < 5; ++step) {
    StepChance chance(9, step);
    const Crops crops = random_crops({{photo}}, 2, 64, chance);
    EXPECT_EQ(crops.first.sizes(), (std::vector<std::int64_t>{2, 3, 64, 64}));
    // Noise of 1/100 alone tells them apart.
    EXPECT_LT(shift_loss(crops.first, crops.second, crops.dy, crops.dx).item<float>(), 2e-4F);
  }
}

TEST(Losses, the_same_step_has_the_same_chance) {
  StepChance one(3, 17);
  const double first = one.uniform(0, 1);
  const auto noise = torch::rand({4});
  StepChance other(3, 17);
  EXPECT_EQ(other.uniform(0, 1), first);
  EXPECT_TRUE(torch::equal(torch::rand({4}), noise));
  StepChance next(3, 18);
  EXPECT_NE(next.uniform(0, 1), first);
}

/// One place in 64 is brighter by 1.
torch::Tensor dots() {
  torch::Tensor luma = torch::zeros({112, 128});
  luma.index_put_({torch::indexing::Slice(3, torch::indexing::None, 8),
                   torch::indexing::Slice(5, torch::indexing::None, 8)},
                  1.0F);
  return grey(luma);
}

TEST(Losses, phase_means_tell_which_place_of_a_block_stands_out) {
  EXPECT_EQ(phase_means(dots()).sizes(), (std::vector<std::int64_t>{1, 3, 3, 8, 8}));
  const auto means = phase_means(dots())[0];
  EXPECT_NEAR(means[0][1][3][5].item<double>(), 1 - 1.0 / 64, 1e-6);
  EXPECT_NEAR(means[0][1][0][0].item<double>(), -1.0 / 64, 1e-6);
  EXPECT_NEAR(means[1][2][3][4].item<double>(), 1 - 2.0 / 64, 1e-6) << "the step up to it";
  EXPECT_NEAR(means[1][2][3][5].item<double>(), 1 - 2.0 / 64, 1e-6) << "and down again";
  const auto slope = torch::linspace(0, 1, 256).expand({128, 256});
  EXPECT_LT(phase_means(grey(slope)).abs().max().item<double>(), 2e-4);
}

TEST(Losses, phase_is_the_grid_that_all_pictures_share) {
  const double of_means = 1.0 / 64 - 1.0 / 64 / 64;  // 1 - 1/64 once, -1/64 at 63 places
  const double of_steps = 2.0 / 64 - 4.0 / 64 / 64;
  const auto both = torch::cat({dots(), dots()});
  EXPECT_NEAR(phase_loss(both).item<double>(), of_means + 2 * of_steps, 1e-6);
  const auto with_plain = torch::cat({both, grey(torch::full({112, 128}, 0.3F))});
  EXPECT_NEAR(phase_loss(with_plain).item<double>(), (of_means + 2 * of_steps) / 3, 1e-6)
      << "one of three pairs shares it";
  EXPECT_NEAR(phase_loss(torch::cat({dots(), 1 - dots()})).item<double>(), 2 * of_steps - of_means,
              1e-6)
      << "opposite in the mean, alike in the steps";
}

TEST(Losses, what_pictures_show_is_no_phase) {
  torch::manual_seed(7);
  const auto noise = torch::rand({64, 3, 112, 112});
  const auto means = phase_means(noise);
  const auto of_each = means.square().mean({0, 2, 3, 4}).sum().item<double>();
  EXPECT_LT(std::abs(phase_loss(noise).item<double>()), 0.02 * of_each);
}

TEST(Losses, grid_power_is_one_for_noise_and_large_for_a_grid) {
  torch::manual_seed(6);
  const auto noise = torch::rand({512, 512}) * 0.2;
  const auto of_noise = grid_power(grey(noise));
  EXPECT_EQ(of_noise.size(0), 6);
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(of_noise[i].item<double>(), 1, 0.1) << i;
  }
  const auto x = torch::arange(512).to(torch::kFloat);
  const auto period_four = torch::cos(x * (std::numbers::pi / 2)) * 0.1;
  const auto of_grid = grid_power(grey(noise + period_four));  // along rows
  EXPECT_GT(of_grid[1].item<double>(), 20);
  EXPECT_NEAR(of_grid[0].item<double>(), 1, 0.1);
  EXPECT_NEAR(of_grid[4].item<double>(), 1, 0.2);
  EXPECT_GT(grid_loss(grey(noise + period_four)).item<double>(),
            10 * grid_loss(grey(noise)).item<double>());
}

TEST(Losses, statistics_are_mean_and_deviation) {
  Features features;
  for (int stage = 0; stage < 4; ++stage) {
    features.at(stage) = two_by_two() * (stage + 1.0);
  }
  const auto found = statistics(features);
  EXPECT_EQ(found.size(1), 16);
  EXPECT_NEAR(found[0][0].item<float>(), 1.5F, kTight);
  EXPECT_NEAR(found[0][2].item<float>(), 0.5F, kTight);
  EXPECT_NEAR(found[0][5].item<float>(), 7.0F, kTight) << "second stage, second channel";
}

}  // namespace
}  // namespace impasto::learn
