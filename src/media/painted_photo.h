#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/size.h"

namespace impasto::media {

/// What a style is measured by: a photo, its painting, and the painting of the same photo moved by
/// a few pixels. It goes through a pipe from the program that paints to the one that measures, as a
/// line of JSON and the three pictures' floats, little-endian.
struct PaintedPhoto {
  std::string name;
  Size size;  ///< Of all three.
  int dy = 0;
  int dx = 0;
  std::vector<float> source;   ///< [3, height, width] RGB 0..1, as are the others.
  std::vector<float> painted;  ///< `source` painted.
  std::vector<float> moved;    ///< Shows at (y, x) what `painted` shows at (y + dy, x + dx).
};

/// Hands the bytes of a record to `write`.
void write_painted_photo(const PaintedPhoto& photo,
                         const std::function<void(std::span<const std::byte>)>& write);

/// Reads the next record; none at the end. Throws Error(bad_input) for what is no whole record.
std::optional<PaintedPhoto> read_painted_photo(std::istream& stream);

}  // namespace impasto::media
