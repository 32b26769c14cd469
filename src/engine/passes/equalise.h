#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <vector>

#include "engine/calibration.h"

namespace impasto::engine::passes {

/// Brings the channels of what convolutions read to like ranges, so that one quantisation step fits
/// them all: what makes a channel is divided by a number and what reads it multiplied by it, which
/// changes no picture as long as only sums, ReLUs and padding lie between (cross-layer
/// equalisation; Nagel, van Baalen, Blankevoort, Welling: Data-Free Quantization Through Weight
/// Equalization and Bias Correction, 2019). The norms are folded already.
/// Gives the statistics as they are afterwards, in the same order. Throws Error(bad_input) when
/// they are not this net's.
std::vector<ActivationStatistics> equalise(const std::shared_ptr<ov::Model>& net,
                                           std::vector<ActivationStatistics> statistics);

}  // namespace impasto::engine::passes
