#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/picture.h"
#include "engine/calibration.h"

namespace impasto::engine {

struct PainterOptions {
  std::string device = "cpu";
  /// auto | f32 | bf16 | int8. auto takes bf16 where the CPU computes in it; int8 needs a
  /// calibration and leaves the rest to what auto takes.
  std::string precision = "auto";
  int threads = 0;  ///< 0: as many as this process may use.
  Size canvas;      ///< Size that the pictures' canvases will have (Picture::canvas()).
  std::filesystem::path cache_folder;  ///< Compiled networks are kept here; empty: not kept.
  /// What to paint by; none: each picture by its own statistics.
  std::shared_ptr<const Calibration> calibration = nullptr;
  std::set<std::string> kept = {};  ///< Convolutions that int8 leaves in higher precision.
  /// Canvases of more pixels are painted in tiles, with a calibration to the same result; 0: never.
  long long tile_pixels = 0;
};

struct PainterInfo {
  std::string backend;          ///< "openvino"
  std::string device;           ///< The device's full name.
  std::string precision;        ///< What it computes in: "f32", "bf16", "int8".
  int threads = 0;              ///< Compute threads in all.
  int concurrency = 1;          ///< How many paint() calls at once use it fully.
  std::size_t code_length = 0;  ///< Numbers of the code that paint() takes; 0 for a style.
  Size tile;                    ///< What is painted at once: the canvas, or a part of it.
};

/// Paints pictures in one style on one device. One folder a backend implements it; nothing outside
/// that folder sees the backend's headers.
class Painter {
 public:
  Painter() = default;
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;
  virtual ~Painter() = default;

  /// Paints `in` into `out`: both with the canvas the painter was made for, [3,H,W] in 0..1. The
  /// whole canvas is read and written. A base painter (network/network_file.h) takes the code to
  /// paint by, a style an empty one. Thread-safe; calls beyond `info().concurrency` wait.
  /// Throws Error(unavailable) when the device fails.
  virtual void paint(const Picture& in, Picture& out, std::span<const float> code) = 0;
  void paint(const Picture& in, Picture& out) { paint(in, out, {}); }

  [[nodiscard]] virtual const PainterInfo& info() const = 0;
};

/// Makes a painter for the ONNX file of a style (style/style.h has the contract) or of a base
/// painter, which has a second input `code` [N,L]. Throws Error(usage)
/// for an unknown device or precision (with those there are), Error(bad_input) when the net cannot
/// be compiled or is not size-free.
std::unique_ptr<Painter> make_painter(const std::filesystem::path& onnx_file,
                                      const PainterOptions& options);

/// A device that a painter can be made for.
struct Device {
  std::string name;       ///< What `--device` takes: "cpu".
  std::string full_name;  ///< "Intel(R) Xeon(R) ...".
  std::vector<std::string> precisions;
};

/// Devices of this machine, the best first.
std::vector<Device> devices();

}  // namespace impasto::engine
