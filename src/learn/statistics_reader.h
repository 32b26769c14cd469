#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "learn/safetensors.h"

namespace impasto::learn {

/// Tells the code of a painting from the statistics of VGG-19's activations. It learns together
/// with the painter; the small reader that ships learns from it afterwards (reader_net.h).
class StatisticsReader {
 public:
  /// Random weights whose codes are near 0 at first.
  explicit StatisticsReader(torch::Device device);

  /// Makes the statistics of these paintings [N,1920] the normal ones.
  void normalise_by(const torch::Tensor& statistics);

  /// Statistics [N,1920] → the first layer's values before its ReLU, [N,256].
  [[nodiscard]] torch::Tensor impressions(const torch::Tensor& statistics) const;
  /// Those → codes [N,2688].
  [[nodiscard]] torch::Tensor codes(const torch::Tensor& impressions) const;

  /// By name: `mean`, `deviation` [1920] (which do not learn), `first`, `second`, `third`, each
  /// `.weight` and `.bias`.
  [[nodiscard]] const std::map<std::string, torch::Tensor>& parameters() const {
    return parameters_;
  }
  /// Takes over tensors of a file under `prefix` + name.
  void load(const SafeTensors& file, const std::string& prefix);

 private:
  std::map<std::string, torch::Tensor> parameters_;
};

}  // namespace impasto::learn
