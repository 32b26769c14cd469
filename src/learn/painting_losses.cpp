#include "learn/painting_losses.h"

#include <fmt/format.h>

#include "learn/losses.h"

namespace impasto::learn {

Losses& Losses::operator+=(const Losses& other) {
  content += other.content;
  style += other.style;
  shift += other.shift;
  phase += other.phase;
  grid += other.grid;
  border += other.border;
  return *this;
}

Losses Losses::over(double count) const {
  return {content / count, style / count, shift / count,
          phase / count,   grid / count,  border / count};
}

std::string to_string(const Losses& losses) {
  return fmt::format(
      "content {:.3f}, style {:.4f}, shift {:.4f}, phase {:.2e}, grid {:.3f}, border {:.4f}",
      losses.content, losses.style, losses.shift, losses.phase, losses.grid, losses.border);
}

Losses back_propagate(const PaintingNet& net, const Perceptual& perceptual, const Crops& crops,
                      const torch::Tensor& codes, const std::vector<torch::Tensor>& target,
                      const LossWeights& weights) {
  constexpr int kStyleStages = 4;
  const torch::Device device = perceptual.device();
  const auto count = crops.first.size(0);
  const torch::Tensor first = crops.first.to(device);
  Features wanted;
  {
    const torch::NoGradGuard no_gradients;
    wanted = perceptual(first, kStyleStages);
  }
  const torch::Tensor both_codes = codes.defined() ? torch::cat({codes, codes}) : codes;
  const torch::Tensor both = net.paint(torch::cat({first, crops.second.to(device)}), both_codes);
  const torch::Tensor painted = both.narrow(0, 0, count);
  const torch::Tensor moved = both.narrow(0, count, count);

  const Features seen = perceptual(painted, kStyleStages);
  const auto content = content_loss(seen, wanted).mean();
  const auto style_each = style_loss(grams(seen, kStyleStages), target);
  const auto style = weights.largest_style > 0 ? style_each.clamp_max(weights.largest_style).mean()
                                               : style_each.mean();
  const auto shift = shift_loss(painted, moved, crops.dy, crops.dx);
  const auto phase = phase_loss(both);
  const auto grid = grid_loss(both);
  const auto border = border_loss(painted, moved, crops.dy, crops.dx);
  (content + weights.style * style + weights.shift * shift + weights.phase * phase +
   weights.grid * grid + weights.border * border)
      .backward();
  return {content.item<double>(), style_each.mean().item<double>(),
          shift.item<double>(),   phase.item<double>(),
          grid.item<double>(),    border.item<double>()};
}

}  // namespace impasto::learn
