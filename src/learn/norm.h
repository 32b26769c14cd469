#pragma once

#include <torch/types.h>

namespace impasto::learn {

/// Instance norm with scale and shift, then a ReLU where asked for:
/// [N,C,H,W] → the same shape and type. `scale` and `shift` are [N,C] or [1,C] float32; the norm is
/// computed in float32. Differentiable in all three.
/// On a CPU, with the channels last in memory, it runs as loops of our own, since the library's
/// take a pass over the memory for every operation.
torch::Tensor norm(const torch::Tensor& flow, const torch::Tensor& scale,
                   const torch::Tensor& shift, bool relu);

/// The same spelt out in the library's operations: what `norm` is checked against, and what other
/// devices use.
torch::Tensor plain_norm(const torch::Tensor& flow, const torch::Tensor& scale,
                         const torch::Tensor& shift, bool relu);

}  // namespace impasto::learn
