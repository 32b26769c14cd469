#include "engine/tiled_painter.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "base/parallel.h"

namespace impasto::engine {
namespace {

class TiledPainter : public Painter {
 public:
  TiledPainter(std::unique_ptr<Painter> painter, Size canvas, Tiles tiles)
      : painter_(std::move(painter)),
        canvas_(canvas),
        tiles_(std::move(tiles)),
        info_(painter_->info()),
        tiles_at_once_(info_.concurrency) {
    const int tiles_a_picture = static_cast<int>(tiles_.places.size());
    info_.concurrency = (tiles_at_once_ + tiles_a_picture - 1) / tiles_a_picture;
  }

  using Painter::paint;
  void paint(const Picture& in, Picture& out, std::span<const float> code) override {
    if (in.canvas() != canvas_ || out.canvas() != canvas_) {
      throw Error(ExitCode::bug,
                  fmt::format("a painter for canvases of {} was given {} and {}",
                              to_string(canvas_), to_string(in.canvas()), to_string(out.canvas())));
    }
    const auto paint_tile = [&](std::size_t number) {
      const Tiles::Place& place = tiles_.places[number];
      Picture tile(tiles_.tile);
      Picture painted(tiles_.tile);
      copy_part(in, place.corner, tiles_.tile, tile, {});
      painter_->paint(tile, painted, code);
      copy_part(painted, place.from, place.kept, out,
                {place.corner.x + place.from.x, place.corner.y + place.from.y});
    };
    for_each_index(tiles_.places.size(), paint_tile, static_cast<std::size_t>(tiles_at_once_));
  }

  [[nodiscard]] const PainterInfo& info() const override { return info_; }

 private:
  std::unique_ptr<Painter> painter_;
  Size canvas_;
  Tiles tiles_;
  PainterInfo info_;
  int tiles_at_once_;
};

}  // namespace

std::unique_ptr<Painter> make_tiled_painter(std::unique_ptr<Painter> painter, Size canvas,
                                            Tiles tiles) {
  return std::make_unique<TiledPainter>(std::move(painter), canvas, std::move(tiles));
}

}  // namespace impasto::engine
