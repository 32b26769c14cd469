#include "learn/adam.h"

#include <cmath>

namespace impasto::learn {
namespace {

constexpr double kMeanDecay = 0.9;
constexpr double kVarianceDecay = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

void Adam::add(const std::string& name, const torch::Tensor& parameter, double factor) {
  entries_.emplace(name, Entry{parameter, torch::zeros_like(parameter),
                               torch::zeros_like(parameter), factor, 0});
}

double Adam::step(double rate, double clip) {
  const torch::NoGradGuard no_gradients;
  double squares = 0;
  for (const auto& [name, entry] : entries_) {
    if (entry.parameter.grad().defined()) {
      squares += entry.parameter.grad().square().sum().item<double>();
    }
  }
  const double norm = std::sqrt(squares);
  const double scale = norm > clip ? clip / norm : 1;
  for (auto& [name, entry] : entries_) {
    torch::Tensor gradient = entry.parameter.grad();
    if (!gradient.defined()) {
      continue;
    }
    if (std::isfinite(norm)) {
      gradient = gradient * scale;
      ++entry.steps;
      entry.mean.mul_(kMeanDecay).add_(gradient, 1 - kMeanDecay);
      entry.variance.mul_(kVarianceDecay).addcmul_(gradient, gradient, 1 - kVarianceDecay);
      const double mean_share = 1 - std::pow(kMeanDecay, entry.steps);
      const double variance_share = 1 - std::pow(kVarianceDecay, entry.steps);
      const torch::Tensor spread =
          (entry.variance.sqrt() / std::sqrt(variance_share)).add_(kEpsilon);
      entry.parameter.addcdiv_(entry.mean, spread, -rate * entry.factor / mean_share);
    }
    entry.parameter.mutable_grad() = torch::Tensor();
  }
  return norm;
}

void Adam::save(SafeTensors& checkpoint, const std::string& prefix) const {
  for (const auto& [name, entry] : entries_) {
    checkpoint.tensors[prefix + name + ".mean"] = entry.mean;
    checkpoint.tensors[prefix + name + ".variance"] = entry.variance;
    checkpoint.metadata[prefix + name + ".steps"] = std::to_string(entry.steps);
  }
}

void Adam::load(const SafeTensors& checkpoint, const std::string& prefix) {
  for (auto& [name, entry] : entries_) {
    entry.mean.copy_(checkpoint.tensors.at(prefix + name + ".mean"));
    entry.variance.copy_(checkpoint.tensors.at(prefix + name + ".variance"));
    entry.steps = std::stoi(checkpoint.metadata.at(prefix + name + ".steps"));
  }
}

}  // namespace impasto::learn
