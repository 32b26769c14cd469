#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/picture.h"
#include "engine/calibration.h"
#include "engine/painter.h"

namespace impasto::engine {

/// Tells what a style's norms and convolutions see of pictures, by painting them the plain way. One
/// folder a backend implements it, like Painter.
class Calibrator {
 public:
  Calibrator() = default;
  Calibrator(const Calibrator&) = delete;
  Calibrator& operator=(const Calibrator&) = delete;
  virtual ~Calibrator() = default;

  /// The statistics of one picture [3,H,W] in 0..1, whose canvas is the one that the calibrator was
  /// made for; with `activations` also those that int8 needs, which takes twice as long.
  /// Thread-safe. Throws Error(unavailable) when the device fails.
  virtual Calibration see(const Picture& picture, bool activations) = 0;

  /// How many see() calls at once use the device fully.
  [[nodiscard]] virtual int concurrency() const = 0;
};

/// Makes a calibrator for the ONNX file of a style; of the options, device, floating-point
/// precision, threads and canvas count. Null for a net without instance norms: there is nothing to
/// calibrate. Throws like make_painter().
std::unique_ptr<Calibrator> make_calibrator(const std::filesystem::path& onnx_file,
                                            const PainterOptions& options);

/// Names of the convolutions that int8 can be used for, in the net's order.
std::vector<std::string> layers_of(const std::filesystem::path& onnx_file, Size canvas);

}  // namespace impasto::engine
