// How fast learning is: pictures a second, and the share of what this machine's convolutions can do
// at best that its convolutions reach. Prints JSON.
//
// usage: learn_bench VGG19.safetensors [SECONDS] [cpu|cuda]

#include <fmt/format.h>
#include <torch/torch.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <string>

#include "learn/adam.h"
#include "learn/compute.h"
#include "learn/painting_losses.h"
#include "network/layers.h"

namespace {

using namespace impasto;
using Clock = std::chrono::steady_clock;

constexpr int kSide = 240;
constexpr int kBatch = 2;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Places of margin, both sides together, in what a convolution of the painting network gives.
double margin_of(const std::string& layer) {
  if (layer == "stem" || layer == "up") {
    return 6;
  }
  return layer == "mix" || layer.ends_with(".a") ? 4 : 2;
}

/// Multiplications of the painting network for a picture, its margins included.
double painting_work() {
  double work = 0;
  for (const network::Layer& layer : network::kLayers) {
    const std::string name = layer.name;
    const bool coarse = name == "down" || name.starts_with("block");
    const double side = kSide / (coarse ? 8.0 : 4.0) + margin_of(name);
    work += side * side * 9 * static_cast<double>(layer.inputs * layer.outputs);
  }
  return work;
}

/// Multiplications of VGG-19 up to relu4_1 for a picture and the mirror image around it.
double perceptual_work() {
  constexpr double kSeen = kSide + 2 * learn::kMirror;
  constexpr double kPlaces = kSeen * kSeen;
  return 9 * kPlaces *
         (3 * 64 + 64 * 64 + (64 * 128 + 128 * 128) / 4.0 + (128 * 256 + 3 * 256 * 256) / 16.0 +
          256 * 512 / 64.0);
}

/// Floating-point operations of a step's convolutions: content forward; painted forward and its
/// gradient; the network, for each picture twice, forward and both its gradients.
double step_work() { return 2.0 * kBatch * (3 * perceptual_work() + 2 * 3 * painting_work()); }

/// The most operations a second that a convolution of the kind that occurs reaches.
double best_convolution(const learn::Compute& compute, double seconds) {
  const torch::NoGradGuard no_gradients;
  const auto options = torch::TensorOptions().device(compute.device).dtype(compute.type);
  const auto last = at::MemoryFormat::ChannelsLast;
  double best = 0;
  for (const auto& [channels, side] : {std::pair(256, 64), {128, 128}, {512, 32}}) {
    const auto flow = torch::randn({4, channels, side, side}, options).contiguous(last);
    const auto weight = torch::randn({channels, channels, 3, 3}, options).contiguous(last);
    const double work = 2.0 * 4 * side * side * 9.0 * channels * channels;
    const auto begin = Clock::now();
    while (seconds_since(begin) < seconds) {
      const auto start = Clock::now();
      torch::conv2d(flow, weight, {}, 1, 1).sum().item<float>();
      best = std::max(best, work / seconds_since(start));
    }
  }
  return best;
}

double steps_per_second(const learn::Compute& compute, const std::string& vgg, double seconds) {
  const learn::Perceptual perceptual(vgg, compute.device, compute.type);
  const learn::PaintingNet net(compute.device, compute.type);
  learn::Adam adam;
  for (const auto& [name, parameter] : net.parameters()) {
    adam.add(name, parameter);
  }
  const auto target = learn::target_of(perceptual, torch::rand({1, 3, 512, 640}));
  learn::Crops crops;
  crops.first = torch::rand({kBatch, 3, kSide, kSide});
  crops.second = torch::rand({kBatch, 3, kSide, kSide});
  constexpr int kFirst = 3;  // steps before it runs evenly
  int steps = -kFirst;
  Clock::time_point begin;
  while (steps < 1 || seconds_since(begin) < seconds) {
    if (steps == 0) {
      begin = Clock::now();
    }
    learn::back_propagate(net, perceptual, crops, {}, target.grams, {});
    adam.step(1e-4, 5);
    ++steps;
  }
  return steps / seconds_since(begin);
}

}  // namespace

int main(int argc, char** argv) {
  learn::prepare_process();
  try {
    const std::string vgg = argc > 1 ? argv[1] : ".deps/vgg19_relu5_1.safetensors";
    const double seconds = argc > 2 ? std::atof(argv[2]) : 10;
    const learn::Compute compute = learn::compute_on(argc > 3 ? argv[3] : "cpu");
    const double steps = steps_per_second(compute, vgg, seconds);
    const double peak = best_convolution(compute, seconds / 6);
    fmt::print(
        R"({{"pictures_per_second": {:.2f}, "convolution_gflops": {:.0f}, "peak_gflops": {:.0f}, )"
        R"("share_of_peak": {:.3f}, "type": "{}"}})"
        "\n",
        steps * kBatch, steps * step_work() / 1e9, peak / 1e9, steps * step_work() / peak,
        torch::toString(compute.type));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "learn_bench: {}\n", error.what());
    return 1;
  }
}
