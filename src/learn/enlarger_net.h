#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "network/enlarger_file.h"

namespace impasto::learn {

/// The network that enlarges paintings (network/enlarger_file.h), as something that learns.
class EnlargerNet {
 public:
  /// Random weights, which give hardly any details.
  explicit EnlargerNet(torch::Device device);

  /// Brightness [N,1,H,W] of even sides → [N,1,2H,2W]. Beyond its edges a picture is taken to be
  /// its mirror image.
  [[nodiscard]] torch::Tensor enlarge(const torch::Tensor& brightness) const;

  [[nodiscard]] const std::map<std::string, torch::Tensor>& parameters() const {
    return parameters_;
  }
  /// Weights as they are written into its file.
  [[nodiscard]] network::Weights weights() const;

 private:
  std::map<std::string, torch::Tensor> parameters_;
};

}  // namespace impasto::learn
