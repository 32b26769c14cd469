#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "learn/course.h"

namespace impasto::learn {

/// What `impasto-learn base` is asked for.
struct BaseOptions {
  std::filesystem::path paintings;  ///< Folder of pictures.
  std::filesystem::path photos;     ///< Folder of content pictures.
  std::filesystem::path out;        ///< Folder that gets painter.onnx and reader.onnx.
  std::filesystem::path vgg;        ///< VGG-19's weights.
  std::filesystem::path preview;    ///< Folder for sheets of paintings; empty: none.
  std::filesystem::path start;      ///< A checkpoint to begin from, or a folder with a painter and
                                    ///< a reader; empty: nothing.
  std::vector<std::string> held;    ///< Names of paintings, without suffix, that only judge.
  Budget budget;                    ///< Of painter and reader together.
  double reader_minutes = 15;       ///< Of the small reader that learns from them afterwards.
  double rate = 5e-4;               ///< Highest learning rate.
  int batch = 2;
  int side = 240;  ///< Pixels of the crops.
  int pool = 400;  ///< Styles at hand at a time.
  std::uint64_t seed = 1;
  bool keep_codes = false;  ///< The painter alone learns; a reader that was taught stays valid.
  bool resume = false;
  std::string device = "cpu";
};

/// Trains the conditional painter and its reader: any painting at once. At first VGG-19's
/// statistics stand for what a reader sees, and the small reader that ships learns from that
/// afterwards; beginning from a folder with both, painter and small reader learn together, so that
/// each gets used to the other. Leaves a checkpoint in `out` every few minutes and on an interrupt.
/// Throws Error(bad_input) when there are no paintings or photos, Error(interrupted) on a signal.
void learn_base(const BaseOptions& options, Progress& progress);

}  // namespace impasto::learn
