#pragma once

#include <torch/types.h>

#include <cstdint>

namespace impasto::learn {

/// A tensor [N,C,H,W] with `margin` < H, W places of its mirror image around it, which do not
/// repeat its border; of any type and layout, which libtorch's own reflection padding is not.
/// Differentiable.
torch::Tensor mirrored(const torch::Tensor& tensor, std::int64_t margin);

}  // namespace impasto::learn
