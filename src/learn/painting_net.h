#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "network/network_file.h"

namespace impasto::learn {

/// Whether a parameter of this name is a scale or a shift: a part of the code.
bool is_code(const std::string& parameter);

/// The numbers of a tensor, row by row.
std::vector<float> values_of(const torch::Tensor& tensor);

/// The network of our own styles (network/layers.h) as something that learns. Weights are float32;
/// the convolutions compute in the type that it is told.
class PaintingNet {
 public:
  /// Random weights: He initialisation for convolutions, scales 1, shifts 0.
  /// `type` is what the convolutions compute in.
  PaintingNet(torch::Device device, torch::Dtype type);

  /// Takes weights over; scales and shifts that are absent (in a base) stay as they are.
  void load(const network::Weights& weights);
  /// Weights as they are written into a style, or into a base without scales and shifts.
  [[nodiscard]] network::Weights weights(bool base) const;

  /// A network that looks at these weights and has gradients of its own, for another thread.
  [[nodiscard]] PaintingNet twin() const;
  /// Adds a twin's gradients to this network's own.
  void add_gradients_of(const PaintingNet& twin) const;

  /// Paints pictures [N,3,H,W] in 0..1, H and W multiples of 8, at least 32. `codes` [N,2688] stand
  /// in for the scales and shifts when they are given.
  [[nodiscard]] torch::Tensor paint(const torch::Tensor& pictures,
                                    const torch::Tensor& codes = {}) const;
  /// The same computed in float32, without gradients: what other runtimes will show.
  [[nodiscard]] torch::Tensor paint_exactly(const torch::Tensor& pictures,
                                            const torch::Tensor& codes = {}) const;

  /// Weights and bias of the convolutions.
  [[nodiscard]] std::vector<torch::Tensor> convolution_parameters() const;
  /// All parameters by name, for checkpoints.
  [[nodiscard]] const std::map<std::string, torch::Tensor>& parameters() const {
    return parameters_;
  }

 private:
  PaintingNet() = default;

  [[nodiscard]] torch::Tensor paint_in(torch::Dtype type, const torch::Tensor& pictures,
                                       const torch::Tensor& codes) const;

  torch::Device device_ = torch::kCPU;
  torch::Dtype type_ = torch::kFloat;
  std::map<std::string, torch::Tensor> parameters_;
};

}  // namespace impasto::learn
