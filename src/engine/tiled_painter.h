#pragma once

#include <memory>

#include "engine/painter.h"
#include "engine/tiles.h"

namespace impasto::engine {

/// Paints large pictures by a painter for tiles. With tiles whose surroundings are as wide as the
/// net looks, and a calibration, it paints what a painter for the whole picture would.
/// Tiles of one picture are painted at once, on all that the painter has, so few pictures are in
/// use at a time. Memory: the pictures, and one tile in and one out for each at once.
std::unique_ptr<Painter> make_tiled_painter(std::unique_ptr<Painter> painter, Size canvas,
                                            Tiles tiles);

}  // namespace impasto::engine
