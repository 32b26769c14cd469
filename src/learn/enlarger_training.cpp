#include "learn/enlarger_training.h"

#include <fmt/format.h>
#include <torch/nn/functional.h>
#include <torch/torch.h>

#include <cmath>
#include <vector>

#include "base/interrupt.h"
#include "learn/adam.h"
#include "learn/crops.h"
#include "learn/enlarger_net.h"
#include "learn/photos.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

namespace F = torch::nn::functional;

constexpr int kSharpSide = 480;     ///< Pixels on the short side that pictures are shrunk to.
constexpr double kLeastBlur = 0.3;  ///< Deviations in pixels of the large picture.
constexpr double kMostBlur = 1.1;
constexpr double kMostNoise = 0.02;    ///< Deviations of what is not to be enlarged: noise ...
constexpr double kMostPattern = 0.03;  ///< ... and patterns as networks leave along edges.
constexpr std::int64_t kPatternSide = 4;
constexpr double kClip = 1;
constexpr std::int64_t kWarmUp = 100;
constexpr std::int64_t kStepsPerNote = 500;
constexpr int kJudged = 64;  ///< Squares that judge.
constexpr std::int64_t kJudgesSeed = -1;

/// Blurs [N,1,H,W] by a normal distribution.
torch::Tensor blurred(const torch::Tensor& picture, double deviation) {
  constexpr std::int64_t kReach = 4;
  const auto places = torch::arange(-kReach, kReach + 1, torch::kFloat);
  auto line = torch::exp(-places.square() / (2 * deviation * deviation));
  line = line / line.sum();
  const auto padded =
      F::pad(picture, F::PadFuncOptions({kReach, kReach, kReach, kReach}).mode(torch::kReflect));
  const auto across = torch::conv2d(padded, line.view({1, 1, 1, -1}));
  return torch::conv2d(across, line.view({1, 1, -1, 1}));
}

/// Adds noise, and here and there a pattern of few pixels that repeats.
torch::Tensor disturbed(const torch::Tensor& picture, StepChance& chance) {
  const auto count = picture.size(0);
  const auto side = picture.size(2);
  const auto pattern = torch::randn({count, 1, kPatternSide, kPatternSide})
                           .repeat({1, 1, side / kPatternSide, side / kPatternSide});
  const auto places = F::interpolate(torch::rand({count, 1, 3, 3}).square(),
                                     F::InterpolateFuncOptions()
                                         .size(std::vector<std::int64_t>{side, side})
                                         .mode(torch::kBilinear)
                                         .align_corners(true));
  return picture + torch::randn_like(picture) * chance.uniform(0, kMostNoise) +
         pattern * places * chance.uniform(0, kMostPattern);
}

/// Squares, and what the network is given of them.
struct Pair {
  torch::Tensor sharp;  ///< [N,1,side,side]
  torch::Tensor given;  ///< [N,1,side/2,side/2]
};

Pair random_pair(const std::vector<Photo>& pictures, int count, int side, StepChance& chance) {
  std::vector<torch::Tensor> squares;
  for (int i = 0; i < count; ++i) {
    const Photo& picture = pictures[static_cast<std::size_t>(
        chance.index(static_cast<std::int64_t>(pictures.size())))];
    const auto y = chance.index(picture.size.height - side + 1);
    const auto x = chance.index(picture.size.width - side + 1);
    // Any mixture of the colours is a brightness, whichever matrix a video has.
    const auto mixture = torch::rand({1, 3, 1, 1});
    auto square =
        (to_tensor(picture).slice(2, y, y + side).slice(3, x, x + side) * (mixture / mixture.sum()))
            .sum(1, true);
    square = chance.coin(0.5) ? square.flip(3) : square;
    square = chance.coin(0.5) ? square.transpose(2, 3) : square;
    squares.push_back(square);
  }
  Pair pair;
  pair.sharp = torch::cat(squares).contiguous();
  const auto soft = blurred(pair.sharp, chance.uniform(kLeastBlur, kMostBlur));
  pair.given = disturbed(F::avg_pool2d(soft, F::AvgPool2dFuncOptions(2)), chance);
  return pair;
}

/// How far two pictures are apart: in brightness, and in how it changes from pixel to pixel, which
/// is what sharpness is.
torch::Tensor apart(const torch::Tensor& one, const torch::Tensor& other) {
  const auto difference = one - other;
  return difference.abs().mean() + difference.diff(1, 2).abs().mean() +
         difference.diff(1, 3).abs().mean();
}

double decibels(const torch::Tensor& one, const torch::Tensor& other) {
  return -10 * std::log10((one - other).square().mean().item<double>());
}

std::string judgement(const EnlargerNet& net, const Pair& pair) {
  const torch::NoGradGuard no_gradients;
  const auto plain = F::interpolate(pair.given, F::InterpolateFuncOptions()
                                                    .scale_factor(std::vector<double>{2, 2})
                                                    .mode(torch::kBicubic)
                                                    .align_corners(false));
  return fmt::format("{:.2f} dB, bicubic {:.2f} dB", decibels(net.enlarge(pair.given), pair.sharp),
                     decibels(plain, pair.sharp));
}

}  // namespace

void learn_enlarger(const EnlargerOptions& options, Progress& progress) {
  const std::vector<Photo> pictures = load_photos(options.painted, kSharpSide).photos;
  progress.note(fmt::format("{} pictures", pictures.size()));
  StepChance judges(options.seed, kJudgesSeed);
  const Pair judged = random_pair(pictures, kJudged, options.side, judges);
  EnlargerNet net(torch::kCPU);
  Adam adam;
  for (const auto& [name, parameter] : net.parameters()) {
    adam.add(name, parameter);
  }
  Course course(options.budget, 0, 0);
  progress.begin("enlarger", options.budget.steps, options.budget.minutes * 60,
                 {"steps", "steps/s"});
  while (!course.done()) {
    throw_if_interrupted();
    StepChance chance(options.seed, course.step());
    const Pair pair = random_pair(pictures, options.batch, options.side, chance);
    apart(net.enlarge(pair.given), pair.sharp).backward();
    adam.step(options.rate * falling_rate(course.fraction(), course.step(), kWarmUp), kClip);
    course.advance();
    progress.advance(course.step(), course.seconds());
    if (course.step() % kStepsPerNote == 0) {
      progress.note(fmt::format("step {}: {}", course.step(), judgement(net, judged)));
    }
  }
  progress.end(true);
  progress.note(judgement(net, judged));
  store::write_all(options.out.string(),
                   network::write_enlarger(net.weights(), {{"name", "enlarger"}}), true);
}

}  // namespace impasto::learn
