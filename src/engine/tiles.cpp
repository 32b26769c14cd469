#include "engine/tiles.h"

#include <algorithm>

namespace impasto::engine {
namespace {

constexpr int kStep = 16;

int rounded_up(int value) { return (value + kStep - 1) / kStep * kStep; }

/// One side of the canvas cut into `count` parts.
struct Cut {
  int count = 1;
  int core = 0;  ///< What each tile adds; the last one what is left.
  int tile = 0;
};

Cut cut(int side, int count, int halo) {
  if (count == 1) {
    return {1, side, side};
  }
  const int core = rounded_up((side + count - 1) / count);
  // The first and the last tile have surroundings on one side alone.
  const int tile = core + (count == 2 ? 1 : 2) * rounded_up(halo);
  return tile < side ? Cut{(side + core - 1) / core, core, tile} : Cut{1, side, side};
}

}  // namespace

Tiles cut_into_tiles(Size canvas, int halo, long long pixels) {
  Cut across = cut(canvas.width, 1, halo);
  Cut down = cut(canvas.height, 1, halo);
  const auto size = [&] { return static_cast<long long>(across.tile) * down.tile; };
  for (int count = 2; size() > pixels && count <= 64; ++count) {
    // The longer side of the tile is cut further.
    const Cut wider = cut(canvas.width, across.count + 1, halo);
    const Cut taller = cut(canvas.height, down.count + 1, halo);
    const bool can_wider = wider.tile < across.tile;
    const bool can_taller = taller.tile < down.tile;
    if (!can_wider && !can_taller) {
      break;
    }
    if (can_wider && (across.tile >= down.tile || !can_taller)) {
      across = wider;
    } else {
      down = taller;
    }
  }
  Tiles tiles{{across.tile, down.tile}, {}};
  for (int row = 0; row < down.count; ++row) {
    for (int column = 0; column < across.count; ++column) {
      const auto begin = [&](int index, const Cut& one, int side) {
        return std::clamp(index * one.core - rounded_up(halo), 0, side - one.tile);
      };
      const Corner core{column * across.core, row * down.core};
      Tiles::Place place;
      place.corner = {begin(column, across, canvas.width), begin(row, down, canvas.height)};
      place.from = {core.x - place.corner.x, core.y - place.corner.y};
      place.kept = {std::min(across.core, canvas.width - core.x),
                    std::min(down.core, canvas.height - core.y)};
      tiles.places.push_back(place);
    }
  }
  return tiles;
}

}  // namespace impasto::engine
