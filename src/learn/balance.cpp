#include "learn/balance.h"

#include "learn/losses.h"
#include "learn/preview.h"
#include "network/layers.h"

namespace impasto::learn {
namespace {

constexpr int kBalancePhotos = 128;

/// The average of the 8×8 places [3,8,8] over those that one bias paints, in the biases' order.
torch::Tensor by_bias(const torch::Tensor& places) {
  constexpr auto kFold = network::kFold;
  return places.view({3, kBlock / kFold, kFold, kBlock / kFold, kFold}).mean({1, 3}).flatten();
}

}  // namespace

void balance_phases(const PaintingNet& net, const PhotoSets& photos, torch::Device device,
                    std::uint64_t seed, const torch::Tensor& codes) {
  const torch::NoGradGuard no_gradients;
  torch::Tensor bias = net.parameters().at("out.bias");
  torch::Tensor deviation = torch::zeros_like(bias);
  double slope = 0;
  StepChance chance(seed, -2);
  std::int64_t count = 0;
  for (const auto& set : photos) {
    for (const std::size_t at : preview_choice(set.size(), kBalancePhotos / photos.size())) {
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

}  // namespace impasto::learn
