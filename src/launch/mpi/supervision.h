#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace impasto::launch {

/// What rank 0 tells `impasto mpi-run` through mpirun's standard output: how far all ranks are,
/// which is its sign of life as well, and at last how it ended.
struct RankZeroSign {
  std::int64_t frames = 0;  ///< Painted since it began, by all ranks ...
  std::int64_t total = 0;   ///< ... of so many that were missing.
  bool ended = false;
  ExitCode code = ExitCode::done;  ///< Of the end.
  std::string error = {};
  bool final = false;  ///< Segments were tried too often; starting again does not help.
};

std::string to_line(const RankZeroSign& sign);
/// Nothing for a line that is none.
std::optional<RankZeroSign> sign_from_line(const std::string& line);

}  // namespace impasto::launch
