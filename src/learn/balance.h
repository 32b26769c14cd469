#pragma once

#include <torch/types.h>

#include <vector>

#include "learn/painting_net.h"

namespace impasto::learn {

/// Takes away what is left of the pixel grid when a network has learnt: moves the last layer's
/// biases, one for each place of a 4×4 block and colour, until the places have the same mean over
/// the paintings of `pictures` [1,3,H,W], H and W multiples of 8, 112 at least. They are painted in
/// float32, since the training's bfloat16 leaves a grid of its own, fainter than a level.
void balance_phases(const PaintingNet& net, const std::vector<torch::Tensor>& pictures);

}  // namespace impasto::learn
