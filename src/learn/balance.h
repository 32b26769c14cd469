#pragma once

#include <torch/types.h>

#include "learn/crops.h"
#include "learn/painting_net.h"

namespace impasto::learn {

constexpr std::size_t kBalancePhotos = 128;

/// Takes away what is left of the pixel grid when a network has learnt: moves the last layer's
/// biases, one for each place of a 4×4 block and colour, until the places have the same mean over
/// the paintings of `most` photos (of fewer where there are no more; of 112 pixels a side at
/// least). They are painted in float32, since the training's bfloat16 leaves a grid of its own,
/// fainter than a level; in the styles of `codes` [N,2688] by turns, where given.
void balance_phases(const PaintingNet& net, const PhotoSets& photos, torch::Device device,
                    std::uint64_t seed, const torch::Tensor& codes = {},
                    std::size_t most = kBalancePhotos);

/// How many photos can be painted for that in so many seconds, judged by painting one: 16 to 128.
std::size_t balance_photos_within(double seconds, const PaintingNet& net, const PhotoSets& photos,
                                  torch::Device device);

}  // namespace impasto::learn
