#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "learn/safetensors.h"
#include "network/reader_file.h"

namespace impasto::learn {

/// The reader that ships (network/reader_file.h), as something that learns: it tells a painting's
/// code without VGG-19.
class ReaderNet {
 public:
  /// Random weights. `type` is what the convolutions compute in.
  ReaderNet(torch::Device device, torch::Dtype type);

  /// Makes the statistics of these paintings the normal ones, before anything is learnt: without it
  /// the channels that vary little would be learnt last.
  void normalise_by(const std::vector<torch::Tensor>& paintings);

  /// A painting [1,3,H,W] in 0..1, 448 pixels on its short side → the first linear layer's values
  /// before its ReLU, [1,256].
  [[nodiscard]] torch::Tensor impressions(const torch::Tensor& painting) const;
  /// Those → the code [1,2688].
  [[nodiscard]] torch::Tensor codes(const torch::Tensor& impressions) const;

  [[nodiscard]] const std::map<std::string, torch::Tensor>& parameters() const {
    return parameters_;
  }
  /// Takes over the weights of a reader's file, whose linear layer reads statistics as they are;
  /// what these paintings have becomes the normal ones.
  void load(const network::Weights& weights, const std::vector<torch::Tensor>& paintings);
  /// Takes over what `save` has kept under "reader_net."; false where the file keeps none.
  bool load(const SafeTensors& checkpoint);
  void save(SafeTensors& checkpoint) const;
  /// Weights as they are written into its file, the normal statistics within the first linear
  /// layer's.
  [[nodiscard]] network::Weights weights() const;

 private:
  [[nodiscard]] torch::Tensor statistics(const torch::Tensor& painting) const;

  torch::Device device_;
  torch::Dtype type_;
  std::map<std::string, torch::Tensor> parameters_;
  torch::Tensor mean_;       ///< Of the statistics, [statistics]; does not learn.
  torch::Tensor deviation_;  ///< The same.
};

}  // namespace impasto::learn
