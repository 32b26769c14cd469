#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "learn/safetensors.h"

namespace impasto::learn {

/// Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015) over named parameters,
/// each with a factor on the learning rate. Its state goes into checkpoints by name.
class Adam {
 public:
  void add(const std::string& name, const torch::Tensor& parameter, double factor = 1);

  /// Takes one step along the gradients, clipped to the norm `clip` in all, and clears them.
  /// Parameters that have no gradient stay. Returns the norm before clipping; a norm that is not
  /// finite leaves everything as it was.
  double step(double rate, double clip);

  void save(SafeTensors& checkpoint, const std::string& prefix) const;
  void load(const SafeTensors& checkpoint, const std::string& prefix);

 private:
  struct Entry {
    torch::Tensor parameter;
    torch::Tensor mean;      ///< Of the gradients, running.
    torch::Tensor variance;  ///< Uncentred, running.
    double factor = 1;
    int steps = 0;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace impasto::learn
