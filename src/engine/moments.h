#pragma once

#include <cstddef>
#include <string>

#include "engine/bfloat16.h"
#include "engine/calibration.h"

namespace impasto::engine {

/// Mean and standard deviation of each channel of `values` [places, channels].
NormStatistics norm_statistics(const std::string& name, const float* values, std::size_t places,
                               std::size_t channels);
NormStatistics norm_statistics(const std::string& name, const Bfloat16* values, std::size_t places,
                               std::size_t channels);

}  // namespace impasto::engine
