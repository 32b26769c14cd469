#include "learn/balance.h"

#include <algorithm>
#include <chrono>

#include "learn/losses.h"
#include "learn/preview.h"
#include "network/layers.h"

namespace impasto::learn {
namespace {

/// The average of the 8×8 places [3,8,8] over those that one bias paints, in the biases' order.
torch::Tensor by_bias(const torch::Tensor& places) {
  constexpr auto kFold = network::kFold;
  return places.view({3, kBlock / kFold, kFold, kBlock / kFold, kFold}).mean({1, 3}).flatten();
}

}  // namespace

void balance_phases(const PaintingNet& net, const PhotoSets& photos, torch::Device device,
                    std::uint64_t seed, const torch::Tensor& codes, std::size_t most) {
  const torch::NoGradGuard no_gradients;
  torch::Tensor bias = net.parameters().at("out.bias");
  torch::Tensor deviation = torch::zeros_like(bias);
  double slope = 0;
  StepChance chance(seed, -2);
  std::int64_t count = 0;
  for (const auto& set : photos) {
    for (const std::size_t at :
         preview_choice(set.size(), std::max<std::size_t>(1, most / photos.size()))) {
      // From anywhere in a block on: many photos are JPEGs with a grid of their own.
      const auto y = chance.index(kBlock);
      const auto x = chance.index(kBlock);
      const torch::Tensor code =
          codes.defined() ? codes.narrow(0, count % codes.size(0), 1) : torch::Tensor();
      const torch::Tensor painted = net.paint_exactly(whole_blocks(set[at], y, x).to(device), code);
      deviation += by_bias(phase_means(painted)[0][0]);
      slope += (2 * painted * (1 - painted)).mean().item<double>();  // of sigmoid(2·x)
      ++count;
    }
  }
  bias -= deviation / slope;
}

std::size_t balance_photos_within(double seconds, const PaintingNet& net, const PhotoSets& photos,
                                  torch::Device device) {
  constexpr double kFewest = 16;
  const torch::NoGradGuard no_gradients;
  const torch::Tensor photo = whole_blocks(photos.front().front(), 0, 0).to(device);
  using Clock = std::chrono::steady_clock;
  double each = 0;
  for (int turn = 0; turn < 2; ++turn) {  // the first takes longer
    const Clock::time_point begun = Clock::now();
    // A GPU has done it when a number of it is there.
    const auto mean = net.paint_exactly(photo, {}).mean().item<double>();
    static_cast<void>(mean);
    each = std::chrono::duration<double>(Clock::now() - begun).count();
  }
  return static_cast<std::size_t>(
      std::clamp(seconds / each, kFewest, static_cast<double>(kBalancePhotos)));
}

}  // namespace impasto::learn
