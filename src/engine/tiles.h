#pragma once

#include <vector>

#include "base/picture.h"

namespace impasto::engine {

/// How a canvas is painted in parts: every tile is painted with what lies around it, and only its
/// middle is kept.
struct Tiles {
  Size tile;  ///< What is painted at once; both sides multiples of 16.
  struct Place {
    Corner corner;  ///< Of the tile on the canvas.
    Corner from;    ///< Of the part of it that is kept, on the tile.
    Size kept;
  };
  std::vector<Place> places;  ///< The kept parts lie side by side and fill the canvas.
};

/// Cuts a canvas (sides multiples of 8) into as few tiles as have no more than `pixels` pixels each
/// and at least `halo` pixels of surroundings, save where the canvas ends. Tiles begin at multiples
/// of 16. One tile, the canvas itself, when that is small enough, or when no tile could be.
Tiles cut_into_tiles(Size canvas, int halo, long long pixels);

}  // namespace impasto::engine
