#include "learn/statistics_reader.h"

#include <torch/nn/functional.h>

#include <cmath>

#include "network/layers.h"

namespace impasto::learn {
namespace {

constexpr int kStatistics = 1920;
constexpr int kHidden = 256;
constexpr double kFarthest = 4;  ///< Deviations; what is further off counts as this far.

}  // namespace

StatisticsReader::StatisticsReader(torch::Device device) {
  const auto add_layer = [&](const std::string& name, int outputs, int inputs, double gain) {
    parameters_[name + ".weight"] =
        (torch::randn({outputs, inputs}) * (gain / std::sqrt(inputs))).to(device);
    parameters_[name + ".bias"] = torch::zeros({outputs}).to(device);
  };
  add_layer("first", kHidden, kStatistics, std::sqrt(2.0));
  add_layer("second", kHidden, kHidden, std::sqrt(2.0));
  add_layer("third", network::kCodeLength, kHidden, 0.1);
  for (auto& [name, parameter] : parameters_) {
    parameter.set_requires_grad(true);
  }
  parameters_["mean"] = torch::zeros({kStatistics}).to(device);
  parameters_["deviation"] = torch::ones({kStatistics}).to(device);
}

void StatisticsReader::normalise_by(const torch::Tensor& statistics) {
  parameters_["mean"] = statistics.mean(0).detach();
  parameters_["deviation"] = statistics.std(0).clamp_min(1e-3).detach();
}

torch::Tensor StatisticsReader::impressions(const torch::Tensor& statistics) const {
  const auto normal = ((statistics - parameters_.at("mean")) / parameters_.at("deviation"))
                          .clamp(-kFarthest, kFarthest);
  return torch::nn::functional::linear(normal, parameters_.at("first.weight"),
                                       parameters_.at("first.bias"));
}

torch::Tensor StatisticsReader::codes(const torch::Tensor& impressions) const {
  namespace F = torch::nn::functional;
  const auto second =
      F::linear(impressions.relu(), parameters_.at("second.weight"), parameters_.at("second.bias"));
  return F::linear(second.relu(), parameters_.at("third.weight"), parameters_.at("third.bias"));
}

void StatisticsReader::load(const SafeTensors& file, const std::string& prefix) {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, parameter] : parameters_) {
    parameter.copy_(file.tensors.at(prefix + name));
  }
}

}  // namespace impasto::learn
