#include "learn/reader_net.h"

#include <torch/nn/functional.h>

#include <cmath>
#include <vector>

#include "learn/painting_net.h"
#include "network/layers.h"

namespace impasto::learn {
namespace {

namespace F = torch::nn::functional;

constexpr double kLeastVariance = 1e-6;  ///< As in the file.
constexpr double kLeastDeviation = 1e-3;
constexpr std::int64_t kFewChannels = 16;
const std::string kPrefix = "reader_net.";

}  // namespace

ReaderNet::ReaderNet(torch::Device device, torch::Dtype type) : device_(device), type_(type) {
  const auto add = [&](const std::string& name, const torch::Tensor& value) {
    parameters_.emplace(name, value.to(device).set_requires_grad(true));
  };
  for (const network::ReaderLayer& layer : network::kReaderLayers) {
    const std::string name = layer.name;
    const double deviation = std::sqrt(2.0 / (9.0 * static_cast<double>(layer.inputs)));
    add(name + ".weight", torch::randn({layer.outputs, layer.inputs, 3, 3}) * deviation);
    add(name + ".bias", torch::zeros({layer.outputs}));
  }
  const auto add_linear = [&](const std::string& name, std::int64_t outputs, std::int64_t inputs) {
    add(name + ".weight",
        torch::randn({outputs, inputs}) * std::sqrt(2.0 / static_cast<double>(inputs)));
    add(name + ".bias", torch::zeros({outputs}));
  };
  add_linear("first", network::kReaderHidden, network::reader_statistics());
  add_linear("second", network::kReaderHidden, network::kReaderHidden);
  add_linear("third", network::kCodeLength, network::kReaderHidden);
  mean_ = torch::zeros({network::reader_statistics()}).to(device);
  deviation_ = torch::ones({network::reader_statistics()}).to(device);
}

void ReaderNet::normalise_by(const std::vector<torch::Tensor>& paintings) {
  const torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> all;
  for (const torch::Tensor& painting : paintings) {
    all.push_back(statistics(painting));
  }
  mean_ = torch::cat(all).mean(0);
  deviation_ = torch::cat(all).std(0).clamp_min(kLeastDeviation);
}

torch::Tensor ReaderNet::impressions(const torch::Tensor& painting) const {
  return F::linear((statistics(painting) - mean_) / deviation_, parameters_.at("first.weight"),
                   parameters_.at("first.bias"));
}

torch::Tensor ReaderNet::statistics(const torch::Tensor& painting) const {
  torch::Tensor flow = (painting.to(device_) - 0.5).contiguous(at::MemoryFormat::ChannelsLast);
  std::vector<torch::Tensor> statistics;
  for (const network::ReaderLayer& layer : network::kReaderLayers) {
    const std::string name = layer.name;
    // The library's bfloat16 gradient of weights for three channels reads memory that nobody wrote.
    const torch::Dtype type = layer.inputs < kFewChannels ? torch::kFloat : type_;
    flow =
        torch::conv2d(
            flow.to(type),
            parameters_.at(name + ".weight").to(type, false, false, at::MemoryFormat::ChannelsLast),
            parameters_.at(name + ".bias").to(type), layer.stride, 1)
            .relu();
    const auto places = flow.permute({0, 2, 3, 1}).flatten(1, 2).to(torch::kFloat);
    const auto mean = places.mean(1, true);
    statistics.push_back(mean.squeeze(1));
    statistics.push_back(((places - mean).square().mean(1) + kLeastVariance).sqrt());
  }
  return torch::cat(statistics, 1);
}

torch::Tensor ReaderNet::codes(const torch::Tensor& impressions) const {
  const auto second =
      F::linear(impressions.relu(), parameters_.at("second.weight"), parameters_.at("second.bias"));
  return F::linear(second.relu(), parameters_.at("third.weight"), parameters_.at("third.bias"));
}

void ReaderNet::load(const network::Weights& weights, const std::vector<torch::Tensor>& paintings) {
  const torch::NoGradGuard no_gradients;
  for (const auto& [name, tensor] : parameters_) {
    const std::vector<float>& values = weights.at(name);
    torch::Tensor(tensor).copy_(torch::tensor(values).view(tensor.sizes()));
  }
  normalise_by(paintings);
  torch::Tensor weight = parameters_.at("first.weight");
  torch::Tensor bias = parameters_.at("first.bias");
  bias.add_(weight.mv(mean_));
  weight.mul_(deviation_);
}

void ReaderNet::save(SafeTensors& checkpoint) const {
  for (const auto& [name, tensor] : parameters_) {
    checkpoint.tensors[kPrefix + name] = tensor;
  }
  checkpoint.tensors[kPrefix + "mean"] = mean_;
  checkpoint.tensors[kPrefix + "deviation"] = deviation_;
}

bool ReaderNet::load(const SafeTensors& checkpoint) {
  if (checkpoint.tensors.count(kPrefix + "mean") == 0) {
    return false;
  }
  const torch::NoGradGuard no_gradients;
  for (const auto& [name, tensor] : parameters_) {
    torch::Tensor(tensor).copy_(checkpoint.tensors.at(kPrefix + name));
  }
  mean_.copy_(checkpoint.tensors.at(kPrefix + "mean"));
  deviation_.copy_(checkpoint.tensors.at(kPrefix + "deviation"));
  return true;
}

network::Weights ReaderNet::weights() const {
  network::Weights all;
  for (const auto& [name, tensor] : parameters_) {
    all.emplace(name, values_of(tensor));
  }
  const torch::Tensor weight = parameters_.at("first.weight").detach() / deviation_;
  all["first.weight"] = values_of(weight);
  all["first.bias"] = values_of(parameters_.at("first.bias").detach() - weight.mv(mean_));
  return all;
}

}  // namespace impasto::learn
