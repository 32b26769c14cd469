#include "engine/tiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace impasto::engine {
namespace {

TEST(Tiles, of_a_small_canvas_are_one) {
  const Tiles tiles = cut_into_tiles({1280, 720}, 96, 1280LL * 720);
  ASSERT_EQ(tiles.places.size(), 1U);
  EXPECT_EQ(tiles.tile, (Size{1280, 720}));
  EXPECT_EQ(tiles.places[0].kept.width, 1280);
}

TEST(Tiles, fill_the_canvas_once_and_have_their_surroundings) {
  constexpr int kHalo = 96;
  for (const Size canvas : {Size{3840, 2160}, Size{7680, 4320}, Size{4096, 216}, Size{208, 5000},
                            Size{1936, 1096}, Size{640, 360}}) {
    const Tiles tiles = cut_into_tiles(canvas, kHalo, 600LL * 600);
    EXPECT_EQ(tiles.tile.width % 16, 0);
    EXPECT_EQ(tiles.tile.height % 8, 0);
    std::vector<int> covered(static_cast<std::size_t>(canvas.width) *
                             static_cast<std::size_t>(canvas.height));
    for (const Tiles::Place& place : tiles.places) {
      EXPECT_EQ(place.corner.x % 8 + place.corner.y % 8, 0);
      EXPECT_GE(place.corner.x, 0);
      EXPECT_LE(place.corner.x + tiles.tile.width, canvas.width);
      EXPECT_LE(place.corner.y + tiles.tile.height, canvas.height);
      const auto has_surroundings = [&](int corner, int from, int size, int tile, int side) {
        const bool before = from >= kHalo || corner == 0;
        const bool after = tile - from - size >= kHalo || corner + tile == side;
        return before && after && from >= 0 && from + size <= tile;
      };
      EXPECT_TRUE(has_surroundings(place.corner.x, place.from.x, place.kept.width, tiles.tile.width,
                                   canvas.width));
      EXPECT_TRUE(has_surroundings(place.corner.y, place.from.y, place.kept.height,
                                   tiles.tile.height, canvas.height));
      for (int y = 0; y < place.kept.height; ++y) {
        for (int x = 0; x < place.kept.width; ++x) {
          ++covered[static_cast<std::size_t>(place.corner.y + place.from.y + y) *
                        static_cast<std::size_t>(canvas.width) +
                    static_cast<std::size_t>(place.corner.x + place.from.x + x)];
        }
      }
    }
    EXPECT_TRUE(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
  }
}

TEST(Tiles, are_no_smaller_than_their_surroundings_allow) {
  const Tiles tiles = cut_into_tiles({320, 320}, 400, 100);
  EXPECT_EQ(tiles.places.size(), 1U);
  EXPECT_EQ(tiles.tile, (Size{320, 320}));
}

}  // namespace
}  // namespace impasto::engine
