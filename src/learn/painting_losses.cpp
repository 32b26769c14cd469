#include "learn/painting_losses.h"

#include <fmt/format.h>
#include <torch/autograd.h>
#include <torch/utils.h>

#include <algorithm>
#include <future>
#include <utility>

#include "learn/losses.h"

namespace impasto::learn {

Losses& Losses::operator+=(const Losses& other) {
  content += other.content;
  style += other.style;
  shift += other.shift;
  phase += other.phase;
  grid += other.grid;
  tone += other.tone;
  return *this;
}

Losses Losses::over(double count) const {
  return {content / count, style / count, shift / count, phase / count, grid / count, tone / count};
}

std::string to_string(const Losses& losses) {
  return fmt::format(
      "content {:.3f}, style {:.4f}, shift {:.4f}, phase {:.2e}, grid {:.3f}, tone {:.3f}",
      losses.content, losses.style, losses.shift, losses.phase, losses.grid, losses.tone);
}

namespace {

/// Some of a step's photos, which one thread paints and judges.
struct Part {
  PaintingNet net;
  torch::Tensor first, second;       ///< [n,3,H,W]
  torch::Tensor codes;               ///< [n,2688] or undefined
  std::vector<torch::Tensor> grams;  ///< of the styles
  double share;                      ///< n of all
  torch::Tensor painted = {};        ///< [2·n,3,H,W], `second` behind `first`
  torch::Tensor loss = {};           ///< What of the loss is of these photos alone.
  torch::Tensor of_all = {};         ///< The rest's gradient in `painted`.
  Losses losses = {};
};

std::vector<Part> parts_of(const PaintingNet& net, const Crops& crops, const torch::Tensor& codes,
                           const std::vector<torch::Tensor>& target, torch::Device device) {
  const auto count = crops.first.size(0);
  const auto most = device.is_cpu() ? std::min<std::int64_t>(count, torch::get_num_threads()) : 1;
  std::vector<Part> parts;
  for (std::int64_t i = 0; i < most; ++i) {
    const auto from = i * count / most;
    const auto length = (i + 1) * count / most - from;
    Part part{net.twin(),
              crops.first.narrow(0, from, length).to(device),
              crops.second.narrow(0, from, length).to(device),
              torch::Tensor(),
              {},
              static_cast<double>(length) / static_cast<double>(count)};
    if (codes.defined()) {
      part.codes = codes.detach().narrow(0, from, length).clone().set_requires_grad(true);
    }
    for (const torch::Tensor& gram : target) {
      part.grams.push_back(gram.size(0) == 1 ? gram : gram.narrow(0, from, length));
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

/// Calls `work` with every part, each in a thread of its own that has its share of the threads.
template <typename Work>
void for_each_part(std::vector<Part>& parts, const Work& work) {
  if (parts.size() == 1) {
    work(parts.front());
    return;
  }
  const int threads = torch::get_num_threads();
  std::vector<std::future<void>> running;
  for (Part& part : parts) {
    running.push_back(std::async(std::launch::async, [&part, &work, &parts, threads] {
      torch::set_num_threads(threads / static_cast<int>(parts.size()));
      work(part);
    }));
  }
  for (std::future<void>& one : running) {
    one.get();
  }
  torch::set_num_threads(threads);
}

void paint_and_judge(Part& part, const Perceptual& perceptual, const Crops& crops,
                     const LossWeights& weights) {
  const auto count = part.first.size(0);
  Features wanted;
  {
    const torch::NoGradGuard no_gradients;
    wanted = perceptual(part.first, kStyleStages);
  }
  part.painted =
      part.net.paint(torch::cat({part.first, part.second}),
                     part.codes.defined() ? torch::cat({part.codes, part.codes}) : part.codes);
  const torch::Tensor painted = part.painted.narrow(0, 0, count);
  const torch::Tensor moved = part.painted.narrow(0, count, count);

  const Features seen = perceptual(painted, kStyleStages);
  const auto content = content_loss(seen, wanted).mean();
  const auto style_each =
      style_loss(grams(seen, kStyleStages, stroke_weights(part.first)), part.grams);
  const auto style = weights.largest_style > 0 ? style_each.clamp_max(weights.largest_style).mean()
                                               : style_each.mean();
  const auto shift = shift_loss(painted, moved, crops.dy, crops.dx);
  const auto tone = tone_loss(painted, part.first).mean();
  part.loss =
      part.share * (content + weights.style * style + weights.shift * shift + weights.tone * tone);
  part.losses =
      Losses{content.item<double>(), style_each.mean().item<double>(), shift.item<double>(), 0, 0,
             tone.item<double>()}
          .over(1 / part.share);
}

}  // namespace

Losses back_propagate(const PaintingNet& net, const Perceptual& perceptual, const Crops& crops,
                      const torch::Tensor& codes, const std::vector<torch::Tensor>& target,
                      const LossWeights& weights) {
  std::vector<Part> parts = parts_of(net, crops, codes, target, perceptual.device());
  for_each_part(parts, [&](Part& part) { paint_and_judge(part, perceptual, crops, weights); });

  // Phase and grid are seen in all pictures together.
  std::vector<torch::Tensor> painted;
  for (Part& part : parts) {
    painted.push_back(part.painted.detach());
  }
  const torch::Tensor all = torch::cat(painted).set_requires_grad(true);
  const auto phase = phase_loss(all);
  const auto grid = grid_loss(all);
  (weights.phase * phase + weights.grid * grid).backward();
  std::int64_t from = 0;
  for (Part& part : parts) {
    part.of_all = all.grad().narrow(0, from, part.painted.size(0));
    from += part.painted.size(0);
  }
  for_each_part(parts, [](Part& part) {
    torch::autograd::backward({part.loss, part.painted},
                              {torch::ones_like(part.loss), part.of_all});
  });

  Losses losses{0, 0, 0, phase.item<double>(), grid.item<double>(), 0};
  std::vector<torch::Tensor> of_codes;
  for (Part& part : parts) {
    net.add_gradients_of(part.net);
    losses += part.losses;
    if (codes.defined()) {
      of_codes.push_back(part.codes.grad());
    }
  }
  if (codes.defined() && codes.requires_grad()) {
    codes.backward(torch::cat(of_codes));
  }
  return losses;
}

}  // namespace impasto::learn
