#pragma once

#include <memory>

#include "engine/painter.h"
#include "engine/tiles.h"

namespace impasto::engine {

/// Paints large pictures by a painter for tiles. With tiles whose surroundings are as wide as the
/// net looks, and a calibration, it paints what a painter for the whole picture would.
/// Memory: the pictures, and for each call one tile in and one out.
std::unique_ptr<Painter> make_tiled_painter(std::unique_ptr<Painter> painter, Size canvas,
                                            Tiles tiles);

}  // namespace impasto::engine
