#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/progress.h"
#include "learn/course.h"

namespace impasto::learn {

/// What `impasto-learn learn` is asked for.
struct LearnOptions {
  std::filesystem::path painting;
  std::filesystem::path out;      ///< The style: an ONNX file.
  std::filesystem::path photos;   ///< Folder of content pictures; may be empty.
  std::filesystem::path clip;     ///< The clip to be painted, as content; may be empty.
  std::filesystem::path base;     ///< A style of our own network to begin from; empty: nothing.
  std::filesystem::path vgg;      ///< VGG-19's weights.
  std::filesystem::path preview;  ///< Folder for pictures of the progress; may be empty.
  Budget budget;
  double stroke = 1;     ///< Size of the brush: the scale that the painting is seen at.
  double weight = 7;     ///< Of the style against the content.
  double stability = 5;  ///< 0 (free) to 10 (steady).
  std::uint64_t seed = 1;
  int batch = 2;
  bool resume = false;
  bool overwrite = false;
  std::string device = "cpu";
  std::map<std::string, std::string> metadata;  ///< name, title, painting, licence …
};

/// Weight of the shift loss for a place on the stability dial.
double shift_weight(double stability);

/// Learns the style of a painting and writes it. While it runs, `out` + ".checkpoint" keeps what
/// has been learnt: each minute, and on an interrupt; with `resume` a run goes on from there as if
/// it had never stopped. Throws Error(bad_input) when a picture or the base cannot be used, or the
/// checkpoint belongs to another training; Error(interrupted) on a signal, when the checkpoint is
/// written.
void learn_style(const LearnOptions& options, Progress& progress);

}  // namespace impasto::learn
