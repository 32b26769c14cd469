#include "engine/tiled_painter.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"

namespace impasto::engine {
namespace {

class TiledPainter : public Painter {
 public:
  TiledPainter(std::unique_ptr<Painter> painter, Size canvas, Tiles tiles)
      : painter_(std::move(painter)), canvas_(canvas), tiles_(std::move(tiles)) {}

  using Painter::paint;
  void paint(const Picture& in, Picture& out, std::span<const float> code) override {
    if (in.canvas() != canvas_ || out.canvas() != canvas_) {
      throw Error(ExitCode::bug,
                  fmt::format("a painter for canvases of {} was given {} and {}",
                              to_string(canvas_), to_string(in.canvas()), to_string(out.canvas())));
    }
    Picture tile(tiles_.tile);
    Picture painted(tiles_.tile);
    for (const Tiles::Place& place : tiles_.places) {
      copy_part(in, place.corner, tiles_.tile, tile, {});
      painter_->paint(tile, painted, code);
      copy_part(painted, place.from, place.kept, out,
                {place.corner.x + place.from.x, place.corner.y + place.from.y});
    }
  }

  [[nodiscard]] const PainterInfo& info() const override { return painter_->info(); }

 private:
  std::unique_ptr<Painter> painter_;
  Size canvas_;
  Tiles tiles_;
};

}  // namespace

std::unique_ptr<Painter> make_tiled_painter(std::unique_ptr<Painter> painter, Size canvas,
                                            Tiles tiles) {
  return std::make_unique<TiledPainter>(std::move(painter), canvas, std::move(tiles));
}

}  // namespace impasto::engine
