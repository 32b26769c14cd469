#pragma once

#include <torch/types.h>

#include <cstdint>

namespace impasto::learn {

// Passes over activations [N,C,H,W] in bfloat16 on a CPU with the channels last in memory. The
// library has them too, but takes a pass over the memory for every operation, and these passes are
// as dear as the convolutions between them.

/// ReLU in place.
void rectify(const torch::Tensor& flow);

/// Largest of each 2×2 places of activations that are nowhere negative; odd rows and columns at the
/// end are left out.
torch::Tensor pool(const torch::Tensor& flow);

/// The gradient of `pool`, and of the ReLU before it: to the first of the largest.
torch::Tensor unpool(const torch::Tensor& gradient, const torch::Tensor& flow,
                     const torch::Tensor& pooled);

/// Activations without `rim` places on each side.
torch::Tensor inner_part(const torch::Tensor& flow, std::int64_t rim);

/// gradient + extra where the ReLU's result `flow` is above 0, else 0, in place of `gradient`.
/// `extra` is the gradient of the inner part; it may be undefined.
void gate(const torch::Tensor& gradient, const torch::Tensor& extra, const torch::Tensor& flow,
          std::int64_t rim);

}  // namespace impasto::learn
