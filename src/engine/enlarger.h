#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "base/size.h"
#include "engine/painter.h"

namespace impasto::engine {

/// One value a pixel, 0..1, in rows of `stride` floats.
template <typename Value>
struct Plane {
  Value* data = nullptr;
  std::size_t stride = 0;
  Size size;

  [[nodiscard]] Value* row(int y) const { return data + static_cast<std::size_t>(y) * stride; }
};

/// Brings the brightness of paintings to twice its size, with edges as sharp as a painting of that
/// size has (network/enlarger_file.h).
class Enlarger {
 public:
  static constexpr int kFactor = 2;

  Enlarger() = default;
  Enlarger(const Enlarger&) = delete;
  Enlarger& operator=(const Enlarger&) = delete;
  virtual ~Enlarger() = default;

  /// `from` of even sides of 16 pixels or more; `to` is kFactor times as large. What a value
  /// becomes depends on its surroundings alone, not on the place in the picture or its size.
  /// Thread-safe. Throws Error(bug) for other sizes, Error(unavailable) when the device fails.
  virtual void enlarge(Plane<const float> from, Plane<float> to) = 0;
};

/// Makes the enlarger of an ONNX file. Of the options it heeds device, precision and threads; int8
/// stays what "auto" takes. Throws Error(bad_input) when it cannot be compiled.
std::unique_ptr<Enlarger> make_enlarger(const std::filesystem::path& onnx_file,
                                        const PainterOptions& options);

}  // namespace impasto::engine
