#pragma once

#include <torch/types.h>

#include <cstdint>

namespace impasto::learn {

/// A tensor [N,C,H,W] with `margin` < H, W places of its mirror image around it, which do not
/// repeat its border; of any type and layout, which libtorch's own reflection padding is not.
/// Differentiable.
torch::Tensor mirrored(const torch::Tensor& tensor, std::int64_t margin);

/// Each place's mean of the square of places up to `reach` < H, W away from it, in the mirror image
/// beyond the border: [N,C,H,W] as given.
torch::Tensor means_around(const torch::Tensor& tensor, std::int64_t reach);

}  // namespace impasto::learn
