#include "learn/enlarger_net.h"

#include <torch/nn/functional.h>

#include <cmath>

#include "learn/painting_net.h"

namespace impasto::learn {
namespace {

namespace F = torch::nn::functional;
using network::EnlargerLayer;
using network::kEnlargerLayers;

constexpr double kFirstDetails = 0.1;  ///< Of the usual size of random weights.

bool is_last(const EnlargerLayer& layer) { return &layer == &kEnlargerLayers.back(); }

}  // namespace

EnlargerNet::EnlargerNet(torch::Device device) {
  for (const EnlargerLayer& layer : kEnlargerLayers) {
    const std::string name = layer.name;
    const double deviation = std::sqrt(2.0 / (9.0 * static_cast<double>(layer.inputs))) *
                             (is_last(layer) ? kFirstDetails : 1.0);
    const auto add = [&](const std::string& what, const torch::Tensor& value) {
      parameters_.emplace(name + what, value.to(device).set_requires_grad(true));
    };
    add(".weight", torch::randn({layer.outputs, layer.inputs, 3, 3}) * deviation);
    add(".bias", torch::zeros({layer.outputs}));
  }
}

torch::Tensor EnlargerNet::enlarge(const torch::Tensor& brightness) const {
  constexpr auto kMargin = network::kEnlargerMargin;
  const auto padded = F::pad(
      brightness, F::PadFuncOptions({kMargin, kMargin, kMargin, kMargin}).mode(torch::kReflect));
  torch::Tensor flow = torch::pixel_unshuffle(padded, network::kEnlargerBlock);
  for (const EnlargerLayer& layer : kEnlargerLayers) {
    const std::string name = layer.name;
    flow = torch::conv2d(flow, parameters_.at(name + ".weight"), parameters_.at(name + ".bias"));
    flow = is_last(layer) ? flow : flow.relu();
  }
  const auto nearest = brightness.repeat_interleave(network::kEnlargerFactor, 2)
                           .repeat_interleave(network::kEnlargerFactor, 3);
  return nearest + torch::pixel_shuffle(flow, network::kEnlargerBlock * network::kEnlargerFactor);
}

network::Weights EnlargerNet::weights() const {
  network::Weights all;
  for (const auto& [name, tensor] : parameters_) {
    all.emplace(name, values_of(tensor));
  }
  return all;
}

}  // namespace impasto::learn
