#include "learn/style_pool.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "learn/losses.h"

namespace impasto::learn {
namespace {

constexpr double kPhotoShare = 0.15;  ///< Of the styles that are photos.
constexpr double kWholeShare = 0.4;   ///< Of the styles that show the whole painting.
constexpr double kPlainColourShare = 0.4;
constexpr double kShortSide = 512;     ///< At which a painting is seen, stroke 1.
constexpr double kLongestRatio = 1.8;  ///< Long side to short side; more is cut off.

torch::Tensor cut(const torch::Tensor& picture, std::int64_t height, std::int64_t width,
                  StepChance& chance) {
  const auto y = chance.index(picture.size(2) - height + 1);
  const auto x = chance.index(picture.size(3) - width + 1);
  return picture.slice(2, y, y + height).slice(3, x, x + width);
}

/// Colours through a random matrix that keeps grey grey: the chroma plane turned and stretched.
torch::Tensor turned_colours(const torch::Tensor& picture, StepChance& chance) {
  const double angle = chance.uniform(0, 2 * std::numbers::pi);
  const double stretch = chance.uniform(0.4, 1.4);
  const double contrast = chance.uniform(0.8, 1.2);
  const double lift = chance.uniform(-0.08, 0.08);
  const auto axis = torch::full({3, 3}, 1.0 / 3.0);
  const double third = 1 / std::sqrt(3.0);
  const auto cross = torch::tensor(
      {{0.0, -third, third}, {third, 0.0, -third}, {-third, third, 0.0}}, torch::kFloat);
  const auto turn =
      (torch::eye(3) - axis) * (stretch * std::cos(angle)) + cross * (stretch * std::sin(angle));
  const auto matrix = axis + turn;
  const auto coloured = torch::einsum("ij,njhw->nihw", {matrix, picture});
  return ((coloured - 0.5) * contrast + 0.5 + lift).clamp(0, 1);
}

torch::Tensor permuted_channels(const torch::Tensor& picture) {
  return picture.index_select(1, torch::randperm(3));
}

}  // namespace

torch::Tensor square_of(const torch::Tensor& painting, StepChance& chance) {
  const auto side = std::min(painting.size(2), painting.size(3));
  return scaled(cut(painting, side, side, chance), kSeenAt, kSeenAt);
}

Target target_of(const Perceptual& perceptual, const torch::Tensor& painting) {
  const torch::NoGradGuard no_gradients;
  const Features features = perceptual(painting.to(perceptual.device()), kStyleStages);
  return {grams(features, kStyleStages), statistics(features)};
}

torch::Tensor StylePool::draw(StepChance& chance) const {
  const auto& source = chance.coin(kPhotoShare) ? photos_ : paintings_;
  torch::Tensor picture = to_tensor(
      source[static_cast<std::size_t>(chance.index(static_cast<std::int64_t>(source.size())))]);
  const double part = chance.coin(kWholeShare) ? 1 : chance.uniform(0.5, 1);
  const auto shortest = static_cast<double>(std::min(picture.size(2), picture.size(3))) * part;
  const auto side = [&](std::int64_t whole) {
    return static_cast<std::int64_t>(
        std::min(static_cast<double>(whole) * part, shortest * kLongestRatio));
  };
  picture = cut(picture, side(picture.size(2)), side(picture.size(3)), chance);
  const double zoom = kShortSide * std::exp2(chance.uniform(-0.35, 0.25)) / shortest;
  picture = scaled(picture, std::lround(static_cast<double>(picture.size(2)) * zoom),
                   std::lround(static_cast<double>(picture.size(3)) * zoom));
  if (chance.coin(0.5)) {
    picture = picture.flip(3);
  }
  if (!chance.coin(kPlainColourShare)) {
    picture = chance.coin(0.4) ? permuted_channels(picture) : turned_colours(picture, chance);
  }
  return picture.contiguous();
}

}  // namespace impasto::learn
