#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <optional>
#include <set>
#include <string>

#include "engine/calibration.h"

namespace impasto::engine::passes {

/// Turns a net that normalises each picture by itself into one that paints by a calibration: the
/// picture's own scale absorbed, the norms folded and, with `kept` given, the convolutions but
/// those named in it brought to 8-bit whole numbers. All that is left are convolutions with biases,
/// sums, ReLUs, resizing and padding. The net's shapes are known.
void paint_by(const Calibration& calibration, const std::shared_ptr<ov::Model>& net,
              const std::optional<std::set<std::string>>& kept);

}  // namespace impasto::engine::passes
