#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <string>
#include <vector>

#include "engine/calibration.h"
#include "engine/passes/parts.h"

namespace impasto::engine::passes {

/// An instance norm: scale · (x − mean) / sqrt(variance + epsilon) + shift, mean and variance those
/// of x over the picture, channel by channel.
struct Norm {
  std::string name;
  Output input;
  Output result;
  double epsilon = 0;
  std::vector<float> scale;  ///< One a channel; ones where the net has none, or no constants.
  std::vector<float> shift;
};

/// A settled net's instance norms in its order.
std::vector<Norm> find_norms(const std::shared_ptr<ov::Model>& net);

/// Puts fixed statistics in the place of each picture's own: every norm becomes a scale and a shift
/// and, where it follows a convolution, part of its weights and bias. Throws Error(bad_input) when
/// the statistics are not this net's.
void fold_norms(const std::shared_ptr<ov::Model>& net,
                const std::vector<NormStatistics>& statistics);

}  // namespace impasto::engine::passes
