#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "learn/crops.h"
#include "learn/perceptual.h"
#include "learn/photos.h"

namespace impasto::learn {

/// A style as the losses see it.
struct Target {
  std::vector<torch::Tensor> grams;  ///< Of four stages, each [1,C,C].
  torch::Tensor statistics;          ///< [1,1920]
};

/// Pixels on a painting's short side as the losses see it, and as the reader that ships does.
inline constexpr std::int64_t kSeenAt = 512;
inline constexpr std::int64_t kReadAt = 448;

/// A square [1,3,kSeenAt,kSeenAt] of a painting. One size for all: convolutions are compiled anew,
/// at length, for every size they see; and what a reader tells does not depend on it.
torch::Tensor square_of(const torch::Tensor& painting, StepChance& chance);

/// What a painting [1,3,H,W] shall make pictures look like. No gradients.
Target target_of(const Perceptual& perceptual, const torch::Tensor& painting);

/// Styles that a base learns from: paintings and, for variety, photos, each time cut, scaled,
/// mirrored and coloured otherwise, so that a handful of paintings becomes any number of styles.
class StylePool {
 public:
  StylePool(std::vector<Photo> paintings, const std::vector<Photo>& photos)
      : paintings_(std::move(paintings)), photos_(photos) {}

  /// A new picture [1,3,H,W] to take as a painting, about 512 pixels on its short side.
  [[nodiscard]] torch::Tensor draw(StepChance& chance) const;

 private:
  std::vector<Photo> paintings_;
  const std::vector<Photo>& photos_;
};

}  // namespace impasto::learn
