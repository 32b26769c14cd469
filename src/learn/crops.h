#pragma once

#include <torch/types.h>

#include <cstdint>
#include <random>
#include <vector>

#include "learn/photos.h"

namespace impasto::learn {

/// All chance of one step of a training: the same for the same seed and step, whatever came before,
/// so that a resumed training goes on as an unbroken one.
class StepChance {
 public:
  /// Seeds torch's generator as well.
  StepChance(std::uint64_t seed, std::int64_t step);

  double uniform(double from, double to);
  /// From 0 to `count` − 1.
  std::int64_t index(std::int64_t count);
  bool coin(double probability) { return uniform(0, 1) < probability; }

 private:
  std::mt19937_64 engine_;
};

/// A photo or painting as a picture [1,3,H,W] in 0..1, float32.
torch::Tensor to_tensor(const Photo& photo);

/// Pixels along a side of the blocks that the painting network works on: pictures that it paints
/// are multiples of it.
inline constexpr int kBlock = 8;

/// A photo from this pixel on, cut to whole blocks: [1,3,H,W].
torch::Tensor whole_blocks(const Photo& photo, std::int64_t y, std::int64_t x);

/// A picture scaled to this size: bilinear, with the low pass that shrinking takes.
torch::Tensor scaled(const torch::Tensor& picture, std::int64_t height, std::int64_t width);

/// What one step of a training sees: the same places twice, moved and with a little noise.
struct Crops {
  torch::Tensor first;   ///< [N,3,side,side] in 0..1
  torch::Tensor second;  ///< Shows at (y, x) what `first` shows at (y + dy, x + dx).
  int dy = 0;
  int dx = 0;
};

/// Sets of photos that are drawn from equally often, whatever their sizes; none is empty.
using PhotoSets = std::vector<std::vector<Photo>>;

/// Cuts `count` squares of random place and size out of random photos, scales them to `side` pixels
/// and mirrors half of them.
Crops random_crops(const PhotoSets& sets, int count, int side, StepChance& chance);

}  // namespace impasto::learn
