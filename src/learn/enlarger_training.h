#pragma once

#include <cstdint>
#include <filesystem>

#include "base/progress.h"
#include "learn/course.h"

namespace impasto::learn {

/// What `impasto-learn enlarger` is asked for.
struct EnlargerOptions {
  std::filesystem::path painted;  ///< Folder of painted pictures, large ones.
  std::filesystem::path out;      ///< The ONNX file.
  Budget budget;
  double rate = 2e-3;  ///< Highest learning rate.
  int batch = 16;
  int side = 96;  ///< Pixels of the squares that are to come out.
  std::uint64_t seed = 1;
};

/// Trains the network that enlarges paintings: pictures, shrunk so far that their strokes have
/// sharp edges, are to come out of themselves at half the size, blurred as much as a painting is or
/// less, and with noise. Tells how near they come, beside Catmull-Rom.
/// Throws Error(bad_input) when there are no pictures, Error(interrupted) on a signal.
void learn_enlarger(const EnlargerOptions& options, Progress& progress);

}  // namespace impasto::learn
