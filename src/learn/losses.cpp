#include "learn/losses.h"

#include <torch/autograd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "learn/crops.h"
#include "learn/mirrored.h"

namespace impasto::learn {
namespace {

using torch::indexing::Slice;

constexpr int kWindow = 128;  ///< Of the spectra, in pixels.
constexpr double kTiny = 1e-12;
constexpr int kInside = 24;     ///< Pixels from the border on that phases are seen. Whole blocks.
constexpr int kTonePatch = 16;  ///< Pixels.
constexpr double kFaintestTones = 1e-4;  ///< Variance at which they count half.
constexpr int kSurroundings = 24;        ///< Pixels in which a place is dark or without detail.
constexpr double kDark = 0.2;            ///< Mean luma of the surroundings ...
constexpr double kLight = 0.8;
constexpr double kPlain = 0.03;  ///< ... and its deviation.
constexpr double kDetailed = 0.1;
constexpr double kLeastStrokes = 0.03;

/// Sum of squares of each picture of a batch, whatever the layout in memory.
torch::Tensor squares_per_picture(const torch::Tensor& tensor) {
  std::vector<std::int64_t> all_but_first;
  for (std::int64_t dimension = 1; dimension < tensor.dim(); ++dimension) {
    all_but_first.push_back(dimension);
  }
  return tensor.square().sum(all_but_first);
}

torch::Tensor relative_error(const torch::Tensor& value, const torch::Tensor& target) {
  const torch::Tensor wanted = target.to(torch::kFloat);
  return squares_per_picture(value.to(torch::kFloat) - wanted) /
         (squares_per_picture(wanted) + kTiny);
}

/// [N,C,H,W] → [N,H·W,C] in float32; no copy for float32 that has its channels last.
torch::Tensor places_by_channels(const torch::Tensor& features) {
  return features.permute({0, 2, 3, 1}).flatten(1, 2).to(torch::kFloat);
}

/// Gram matrices with the gradient written out: G is symmetric, so the two products that the chain
/// rule gives are one; and both are computed in the features' own type.
struct Gram : torch::autograd::Function<Gram> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& features) {
    const auto places = features.permute({0, 2, 3, 1}).flatten(1, 2);  // [N,HW,C]
    context->save_for_backward({features});
    return torch::bmm(places.transpose(1, 2), places).to(torch::kFloat) /
           static_cast<double>(places.size(1));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::Tensor features = context->get_saved_variables()[0];
    const auto places = features.permute({0, 2, 3, 1}).flatten(1, 2);
    const torch::Tensor both =
        (gradients[0] + gradients[0].transpose(1, 2)) / static_cast<double>(places.size(1));
    return {torch::bmm(places, both.to(features.scalar_type()))
                .view({features.size(0), features.size(2), features.size(3), features.size(1)})
                .permute({0, 3, 1, 2})};
  }
};

/// What takes the mean of each of a block's places over a line of `count`: [count,8]. The line
/// fades out over four blocks at both ends; the weights of every eighth place have the same sum
/// wherever one begins.
torch::Tensor place_weights(std::int64_t count, const torch::TensorOptions& options) {
  constexpr int kSlope = 4 * kBlock;
  const auto places = torch::arange(count, torch::kDouble) + 0.5;
  const auto end = torch::min(places, static_cast<double>(count) - places).clamp_max(kSlope);
  const auto window = (1 - torch::cos(end * (std::numbers::pi / kSlope))) / 2;
  const auto of_block = torch::eye(kBlock, torch::kDouble).repeat({count / kBlock, 1});
  return (of_block * (window * (kBlock / window.sum())).unsqueeze(1)).to(options);
}

/// Mean, over the blocks of each picture, of each of a block's places: [N,3,8,8], less their mean.
torch::Tensor means_of_places(const torch::Tensor& pictures) {
  const auto down = place_weights(pictures.size(2), pictures.options()).t();
  const auto along = place_weights(pictures.size(3), pictures.options());
  const auto means = torch::matmul(down, torch::matmul(pictures, along));
  return means - means.mean({2, 3}, true);
}

/// [N,3,H,W] → [N,1,H,W], by BT.601.
torch::Tensor luma(const torch::Tensor& pictures) {
  const auto weights =
      torch::tensor({0.299F, 0.587F, 0.114F}, pictures.options()).view({1, 3, 1, 1});
  return (pictures * weights).sum(1, true);
}

/// Windowed cosines and sines [kWindow, 2·bins]: multiplying rows by it gives their spectrum there.
torch::Tensor fourier_rows(const std::vector<int>& bins, const torch::TensorOptions& options) {
  const auto places = torch::arange(kWindow, torch::kDouble);
  const auto window = (1 - torch::cos(places * (2 * std::numbers::pi / kWindow))) / 2;
  std::vector<torch::Tensor> waves;
  for (const int bin : bins) {
    const auto angle = places * (2 * std::numbers::pi * bin / kWindow);
    waves.push_back(window * torch::cos(angle));
    waves.push_back(window * torch::sin(angle));
  }
  return torch::stack(waves, 1).to(options);
}

/// The spectrum's bins of a period and of its neighbours, which lie outside the window's lobe.
struct Line {
  int bin;
  std::vector<int> beside;
};

std::vector<Line> lines() {
  std::vector<Line> all;
  for (const int period : {8, 4, 2}) {
    Line line{kWindow / period, {}};
    for (const int distance : {-6, -5, -4, -3, 3, 4, 5, 6}) {
      if (line.bin + distance < kWindow / 2 - 2) {
        line.beside.push_back(line.bin + distance);
      }
    }
    all.push_back(line);
  }
  return all;
}

/// Power of rows [..., W] at bins, averaged over everything else: [bins].
torch::Tensor mean_power(const torch::Tensor& rows, const std::vector<int>& bins) {
  const auto windows = rows.unfold(-1, kWindow, kWindow / 2);
  const auto spectrum = torch::matmul(windows, fourier_rows(bins, rows.options()));
  return spectrum.square().flatten(0, -2).mean(0).view({-1, 2}).sum(1);
}

}  // namespace

torch::Tensor gram(const torch::Tensor& features) { return Gram::apply(features); }

std::vector<torch::Tensor> grams(const Features& features, int stages) {
  std::vector<torch::Tensor> all;
  for (int stage = 0; stage < stages; ++stage) {
    all.push_back(gram(features.at(stage)));
  }
  return all;
}

std::vector<torch::Tensor> grams(const Features& features, int stages,
                                 const torch::Tensor& weights) {
  std::vector<torch::Tensor> all{gram(features.at(0))};
  for (int stage = 1; stage < stages; ++stage) {
    const torch::Tensor& seen = features.at(stage);
    const auto each = torch::avg_pool2d(weights, {1 << stage, 1 << stage});
    const auto share = each.mean({2, 3}, true) + kTiny;
    all.push_back(gram(seen * (each / share).sqrt().to(seen.scalar_type())));
  }
  return all;
}

torch::Tensor stroke_weights(const torch::Tensor& photos) {
  const auto brightness = luma(photos);
  const auto mean = means_around(brightness, kSurroundings);
  const auto deviation =
      (means_around(brightness.square(), kSurroundings) - mean.square()).clamp_min(0).sqrt();
  const auto dark = ((kLight - mean) / (kLight - kDark)).clamp(0, 1);
  const auto plain = ((kDetailed - deviation) / (kDetailed - kPlain)).clamp(0, 1);
  return 1 - (1 - kLeastStrokes) * dark * plain;
}

torch::Tensor style_loss(const std::vector<torch::Tensor>& painted,
                         const std::vector<torch::Tensor>& target) {
  torch::Tensor sum;
  for (std::size_t stage = 0; stage < target.size(); ++stage) {
    const auto error = relative_error(painted.at(stage), target[stage]);
    sum = sum.defined() ? sum + error : error;
  }
  return sum;
}

torch::Tensor content_loss(const Features& painted, const Features& content) {
  return relative_error(painted[3], content[3]) + 0.5 * relative_error(painted[2], content[2]);
}

torch::Tensor tone_loss(const torch::Tensor& painted, const torch::Tensor& content) {
  const auto tones = [](const torch::Tensor& pictures) {
    const auto means = torch::avg_pool2d(luma(pictures), {kTonePatch, kTonePatch}).flatten(1);
    return means - means.mean(1, true);
  };
  const auto of_painted = tones(painted);
  const auto of_content = tones(content);
  const auto variance = [](const torch::Tensor& values) {
    return values.square().mean(1) + kFaintestTones;
  };
  return 1 -
         (of_painted * of_content).mean(1) / (variance(of_painted) * variance(of_content)).sqrt();
}

torch::Tensor shift_loss(const torch::Tensor& first, const torch::Tensor& second, int dy, int dx) {
  const auto height = first.size(2);
  const auto width = first.size(3);
  const auto part = [&](const torch::Tensor& whole, int y, int x) {
    return whole.index({Slice(), Slice(), Slice(std::max(0, y), std::min(height, height + y)),
                        Slice(std::max(0, x), std::min(width, width + x))});
  };
  return (part(first, dy, dx) - part(second, -dy, -dx)).square().mean();
}

torch::Tensor phase_means(const torch::Tensor& pictures) {
  const auto inside = pictures.slice(2, kInside, -kInside).slice(3, kInside, -kInside);
  const auto steps_right = (inside.roll(-1, 3) - inside).abs();
  const auto steps_down = (inside.roll(-1, 2) - inside).abs();
  return torch::stack(
      {means_of_places(inside), means_of_places(steps_right), means_of_places(steps_down)}, 1);
}

torch::Tensor phase_loss(const torch::Tensor& painted) {
  const auto count = static_cast<double>(painted.size(0));
  const auto means = phase_means(painted);
  const auto of_pairs = means.sum(0).square() - means.square().sum(0);
  return of_pairs.mean({1, 2, 3}).sum() / (count * (count - 1));
}

torch::Tensor grid_power(const torch::Tensor& painted) {
  const auto brightness = luma(painted).squeeze(1);
  std::vector<torch::Tensor> ratios;
  for (const auto& rows : {brightness, brightness.transpose(1, 2).contiguous()}) {
    for (const Line& line : lines()) {
      std::vector<int> bins{line.bin};
      bins.insert(bins.end(), line.beside.begin(), line.beside.end());
      const auto power = mean_power(rows, bins);
      ratios.push_back(power[0] / (power.index({Slice(1, torch::indexing::None)}).mean() + kTiny));
    }
  }
  return torch::stack(ratios);
}

torch::Tensor grid_loss(const torch::Tensor& painted) {
  return grid_power(painted).clamp_min(1).log().square().sum();
}

torch::Tensor statistics(const Features& features) {
  std::vector<torch::Tensor> parts;
  for (int stage = 0; stage < 4; ++stage) {
    const auto places = places_by_channels(features.at(stage));
    const auto mean = places.mean(1);
    parts.push_back(mean);
    parts.push_back((places.square().mean(1) - mean.square()).clamp_min(0).sqrt());
  }
  return torch::cat(parts, 1);
}

}  // namespace impasto::learn
