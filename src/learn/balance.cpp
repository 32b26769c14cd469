#include "learn/balance.h"

#include "learn/losses.h"
#include "network/layers.h"

namespace impasto::learn {
namespace {

/// The average of the 8×8 places [3,8,8] over those that one bias paints, in the biases' order.
torch::Tensor by_bias(const torch::Tensor& places) {
  constexpr auto kFold = network::kFold;
  return places.view({3, 8 / kFold, kFold, 8 / kFold, kFold}).mean({1, 3}).flatten();
}

}  // namespace

void balance_phases(const PaintingNet& net, const std::vector<torch::Tensor>& pictures) {
  const torch::NoGradGuard no_gradients;
  torch::Tensor bias = net.parameters().at("out.bias");
  torch::Tensor deviation = torch::zeros_like(bias);
  double slope = 0;
  for (const torch::Tensor& picture : pictures) {
    const torch::Tensor painted = net.paint_exactly(picture);
    deviation += by_bias(phase_means(painted)[0][0]);
    slope += (2 * painted * (1 - painted)).mean().item<double>();  // of sigmoid(2·x)
  }
  bias -= deviation / slope;
}

}  // namespace impasto::learn
