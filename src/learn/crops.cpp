#include "learn/crops.h"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "learn/mirrored.h"

namespace impasto::learn {
namespace {

constexpr int kLargestShift = 7;  ///< Pixels; one less than a block, so all places occur.
constexpr double kFlatShare = 0.5;
constexpr double kBarShare = 0.5;  ///< Of the flat areas.
constexpr double kLightestBar = 0.1;
constexpr double kLargestRamp = 0.15;  ///< Across a flat area.
constexpr double kBlurShare = 0.5;
constexpr int kLargestBlur = 16;   ///< Pixels to each side.
constexpr double kNoise = 0.01;    ///< Deviation of the noise on the second picture.
constexpr int kSmallestCut = 200;  ///< Pixels of the photo that a crop shows.
constexpr std::uint64_t kMixer = 0x9E3779B97F4A7C15;  ///< Spreads neighbouring steps.

template <typename T>
const T& one_of(const std::vector<T>& all, StepChance& chance) {
  return all[static_cast<std::size_t>(chance.index(static_cast<std::int64_t>(all.size())))];
}

torch::Tensor bytes_of(const Photo& photo) {
  // The tensor only looks at the photo's memory; every user of it makes a copy.
  return torch::from_blob(const_cast<std::uint8_t*>(photo.rgb.data()),
                          {1, 3, photo.size.height, photo.size.width}, torch::kUInt8);
}

torch::Tensor random_square(const Photo& photo, int side, StepChance& chance) {
  const int shortest = std::min(photo.size.width, photo.size.height);
  const int cut = static_cast<int>(chance.uniform(std::min(kSmallestCut, shortest), shortest + 1));
  const auto y = chance.index(photo.size.height - cut + 1);
  const auto x = chance.index(photo.size.width - cut + 1);
  torch::Tensor square =
      bytes_of(photo).slice(2, y, y + cut).slice(3, x, x + cut).to(torch::kFloat) / 255;
  if (chance.coin(0.5)) {
    square = square.flip(3);
  }
  return scaled(square, side, side);
}

/// Lays a rectangle of one colour or of a gentle ramp over part of a picture [1,3,H,W], or a black
/// bar along one of its sides. Photos have few such places and films many (skies, nights, black
/// bars); what a network paints there, where it sees nothing, is its own grid.
void lay_flat_area(torch::Tensor& picture, StepChance& chance) {
  const auto side = picture.size(2);
  const auto extent = [&] { return side / 4 + chance.index(side / 2); };
  if (chance.coin(kBarShare)) {
    const auto deep = extent();
    const auto from = chance.coin(0.5) ? 0 : side - deep;
    picture.narrow(chance.coin(0.5) ? 2 : 3, from, deep).fill_(chance.uniform(0, kLightestBar));
    return;
  }
  const auto height = extent();
  const auto width = extent();
  const auto y = chance.index(side - height + 1);
  const auto x = chance.index(side - width + 1);
  const torch::Tensor area = picture.slice(2, y, y + height).slice(3, x, x + width);
  const torch::Tensor colour = area.mean({2, 3}, true) * chance.uniform(0, 1.2);
  const double rise = chance.coin(0.5) ? 0 : chance.uniform(-kLargestRamp, kLargestRamp);
  const torch::Tensor ramp = torch::linspace(0, rise, width).view({1, 1, 1, width});
  area.copy_((colour + ramp).clamp(0, 1));
}

/// Takes one half of a picture [1,3,H,W] out of focus, fading into the other, and darkens it: what
/// lies behind and before the things that a film shows, and what photos have little of.
void blur_a_half(torch::Tensor& picture, StepChance& chance) {
  const auto side = picture.size(2);
  const auto reach = 2 + chance.index(kLargestBlur - 1);
  const auto blurred = means_around(means_around(picture, reach), reach) * chance.uniform(0.3, 1.1);
  auto fade = torch::linspace(chance.uniform(-2, 0), chance.uniform(1, 3), side).clamp(0, 1);
  if (chance.coin(0.5)) {
    fade = fade.flip(0);
  }
  fade = chance.coin(0.5) ? fade.view({1, 1, 1, side}) : fade.view({1, 1, side, 1});
  picture = (picture + fade * (blurred - picture)).clamp(0, 1);
}

}  // namespace

StepChance::StepChance(std::uint64_t seed, std::int64_t step)
    : engine_((seed + 1) * kMixer + static_cast<std::uint64_t>(step)) {
  torch::manual_seed(engine_());
}

double StepChance::uniform(double from, double to) {
  // std::uniform_real_distribution may differ between libraries; this does not.
  constexpr double kUnit = 0x1p-53;
  return from + (to - from) * static_cast<double>(engine_() >> 11U) * kUnit;
}

std::int64_t StepChance::index(std::int64_t count) {
  return std::min(count - 1, static_cast<std::int64_t>(uniform(0, static_cast<double>(count))));
}

torch::Tensor to_tensor(const Photo& photo) { return bytes_of(photo).to(torch::kFloat) / 255; }

torch::Tensor whole_blocks(const Photo& photo, std::int64_t y, std::int64_t x) {
  const auto height = (photo.size.height - y) / kBlock * kBlock;
  const auto width = (photo.size.width - x) / kBlock * kBlock;
  return to_tensor(photo).narrow(2, y, height).narrow(3, x, width).contiguous();
}

torch::Tensor scaled(const torch::Tensor& picture, std::int64_t height, std::int64_t width) {
  return at::_upsample_bilinear2d_aa(picture, {height, width}, false).clamp(0, 1);
}

Crops random_crops(const PhotoSets& sets, int count, int side, StepChance& chance) {
  const auto shift = [&] {
    return static_cast<int>(chance.index(2 * kLargestShift + 1)) - kLargestShift;
  };
  std::vector<torch::Tensor> squares;
  for (int i = 0; i < count; ++i) {
    const auto& photos = one_of(sets, chance);
    squares.push_back(random_square(one_of(photos, chance), side + kLargestShift, chance));
  }
  if (chance.coin(kFlatShare)) {
    lay_flat_area(squares.front(), chance);
  }
  if (chance.coin(kBlurShare)) {
    blur_a_half(squares.back(), chance);
  }
  const torch::Tensor whole = torch::cat(squares);
  Crops crops;
  crops.dy = shift();
  crops.dx = shift();
  const auto window = [&](int y, int x) {
    return whole.slice(2, y, y + side).slice(3, x, x + side).contiguous();
  };
  const int y = std::max(0, -crops.dy);
  const int x = std::max(0, -crops.dx);
  crops.first = window(y, x);
  const torch::Tensor moved = window(y + crops.dy, x + crops.dx);
  crops.second = (moved + torch::randn_like(moved) * kNoise).clamp(0, 1);
  return crops;
}

}  // namespace impasto::learn
