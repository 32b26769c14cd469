#pragma once

#include <cstddef>

#include "base/aligned_memory.h"
#include "base/size.h"

namespace impasto {

/// A float RGB picture, planar [3, padded height, padded width], values 0..1 in the source's own
/// transfer curve (values outside 0..1 may occur and are kept until the last conversion).
///
/// The visible picture stands in the top left corner of a canvas whose width is a multiple of 16
/// and whose height is a multiple of 8, both at least 32: networks that halve their grid three
/// times need that, and every row starts on a 64-byte boundary. The canvas is one contiguous block,
/// so it can be handed to an engine as an [1, 3, H, W] tensor without a copy.
class Picture {
 public:
  Picture() = default;
  explicit Picture(Size visible);

  [[nodiscard]] Size size() const { return size_; }      ///< What is seen.
  [[nodiscard]] Size canvas() const { return canvas_; }  ///< What is stored.
  [[nodiscard]] std::size_t stride() const { return static_cast<std::size_t>(canvas_.width); }
  [[nodiscard]] std::size_t plane_size() const {
    return stride() * static_cast<std::size_t>(canvas_.height);
  }
  [[nodiscard]] bool empty() const { return data_ == nullptr; }

  /// First value of channel `channel` (0 red, 1 green, 2 blue); rows are `stride()` floats apart.
  [[nodiscard]] float* plane(int channel) {
    return data() + static_cast<std::size_t>(channel) * plane_size();
  }
  [[nodiscard]] const float* plane(int channel) const {
    return data() + static_cast<std::size_t>(channel) * plane_size();
  }
  [[nodiscard]] float* data() { return reinterpret_cast<float*>(data_.get()); }
  [[nodiscard]] const float* data() const { return reinterpret_cast<const float*>(data_.get()); }

  /// Fills the canvas right of and below the visible picture with its mirror image, so that the
  /// network sees no border there.
  void mirror_into_margin();

 private:
  Size size_;
  Size canvas_;
  AlignedMemory data_;
};

/// A corner on a canvas.
struct Corner {
  int x = 0;
  int y = 0;
};

/// Copies a part of one picture's canvas to a place on another's; both lie on the canvases.
void copy_part(const Picture& from, Corner corner, Size size, Picture& to, Corner place);

/// The canvas that a picture of this size is stored on.
Size canvas_for(Size visible);

}  // namespace impasto
