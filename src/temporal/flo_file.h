#pragma once

#include <string>

#include "temporal/flow.h"

namespace impasto::temporal {

/// Reads a flow field in the Middlebury form: "PIEH", width and height as 32-bit integers, then dx
/// and dy of each pixel as floats, all little-endian. Places whose flow is not known (above 1e9, or
/// no number) hold NaN. Throws Error(bad_input) when it is no such file or not as long as it says.
FlowField read_flo(const std::string& uri);

}  // namespace impasto::temporal
