#include "job/film_painter.h"

#include <utility>

namespace impasto::job {

FilmPainter::FilmPainter(std::filesystem::path onnx_file, engine::PainterOptions options,
                         FilmCalibration film)
    : file_(std::move(onnx_file)), options_(std::move(options)), film_(std::move(film)) {
  if (!film_.stretches.empty()) {
    options_.precision = film_.precision.precision;
    options_.kept = film_.precision.kept;
  }
  info_ = painter_for(0).get()->info();
}

FilmPainter::~FilmPainter() = default;

FilmPainter::Made FilmPainter::begin(std::size_t stretch) {
  engine::PainterOptions options = options_;
  if (!film_.stretches.empty()) {
    options.calibration = film_.stretches[stretch].calibration;
  }
  return std::async(std::launch::async,
                    [file = file_, options] {
                      return std::shared_ptr<engine::Painter>(engine::make_painter(file, options));
                    })
      .share();
}

FilmPainter::Made FilmPainter::painter_for(std::size_t stretch) {
  const std::lock_guard lock(mutex_);
  // Workers are a few frames apart, so one stretch back is still in use; the next is made ahead.
  for (std::size_t one : {stretch, stretch + 1}) {
    if ((one == stretch || one < film_.stretches.size()) && painters_.count(one) == 0) {
      painters_.emplace(one, begin(one));
    }
  }
  Made made = painters_.at(stretch);
  if (stretch > 0) {
    painters_.erase(painters_.begin(), painters_.lower_bound(stretch - 1));
  }
  return made;
}

void FilmPainter::paint(const Picture& in, Picture& out, std::int64_t pts,
                        std::span<const float> code) {
  const Blend blend = film_.stretches.empty() ? Blend() : blend_at(film_, pts);
  painter_for(blend.stretch).get()->paint(in, out, code);
  if (blend.later <= 0) {
    return;
  }
  Picture later(in.size());
  painter_for(blend.stretch + 1).get()->paint(in, later, code);
  const auto share = static_cast<float>(blend.later);
  float* values = out.data();
  for (std::size_t i = 0; i < 3 * out.plane_size(); ++i) {
    values[i] += share * (later.data()[i] - values[i]);
  }
}

}  // namespace impasto::job
