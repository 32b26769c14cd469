#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <set>
#include <string>
#include <vector>

#include "engine/calibration.h"

namespace impasto::engine::passes {

/// Lets convolutions compute in 8-bit whole numbers: what they read becomes one of 256 steps over
/// the tensor's range, their weights one of 255 for each output channel (FakeQuantize nodes, which
/// a backend turns into whole numbers), and their biases take back what the rounded weights change
/// on average. The picture itself is taken as 0..1. Convolutions named in `kept` stay as they are.
/// The statistics are those after equalise(). The net still gives what it gave, save for rounding.
void quantise(const std::shared_ptr<ov::Model>& net,
              const std::vector<ActivationStatistics>& statistics,
              const std::set<std::string>& kept);

}  // namespace impasto::engine::passes
