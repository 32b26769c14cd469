#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "network/reader_file.h"

namespace impasto::learn {

/// The reader that ships (network/reader_file.h), as something that learns: it tells a painting's
/// code without VGG-19.
class ReaderNet {
 public:
  /// Random weights. `type` is what the convolutions compute in.
  ReaderNet(torch::Device device, torch::Dtype type);

  /// A painting [1,3,H,W] in 0..1, 448 pixels on its short side → the first linear layer's values
  /// before its ReLU, [1,256].
  [[nodiscard]] torch::Tensor impressions(const torch::Tensor& painting) const;
  /// Those → the code [1,2688].
  [[nodiscard]] torch::Tensor codes(const torch::Tensor& impressions) const;

  [[nodiscard]] const std::map<std::string, torch::Tensor>& parameters() const {
    return parameters_;
  }
  /// Weights as they are written into its file.
  [[nodiscard]] network::Weights weights() const;

 private:
  torch::Device device_;
  torch::Dtype type_;
  std::map<std::string, torch::Tensor> parameters_;
};

}  // namespace impasto::learn
