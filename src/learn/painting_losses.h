#pragma once

#include <torch/types.h>

#include <string>

#include "learn/crops.h"
#include "learn/painting_net.h"
#include "learn/perceptual.h"
#include "learn/style_pool.h"

namespace impasto::learn {

/// How much each loss counts. They need no tuning per painting, since content and style are
/// relative errors.
struct LossWeights {
  double style = 7;
  double shift = 20;
  double phase = 8000;
  double grid = 0.3;
  double tone = 1.5;
  double largest_style = 0;  ///< A picture's style loss beyond this gives no gradient; 0: none.
};

/// The losses of one step or of an average of steps.
struct Losses {
  double content = 0;
  double style = 0;
  double shift = 0;
  double phase = 0;
  double grid = 0;
  double tone = 0;

  Losses& operator+=(const Losses& other);
  [[nodiscard]] Losses over(double count) const;
};

/// "content 1.160, style 0.0560, shift 0.0063, phase 0.9e-5, grid 0.01, tone 0.10".
std::string to_string(const Losses& losses);

/// Paints crops (in the styles of `codes` [N,2688], where given) and weighs the result against
/// their content and the targets' Gram matrices ([1,C,C] or [N,C,C]); adds the gradients to the
/// parameters and to the codes. On a CPU each photo has threads of its own, for two small batches
/// are quicker than one that all threads share.
Losses back_propagate(const PaintingNet& net, const Perceptual& perceptual, const Crops& crops,
                      const torch::Tensor& codes, const std::vector<torch::Tensor>& target,
                      const LossWeights& weights);

}  // namespace impasto::learn
