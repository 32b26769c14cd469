#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "base/picture.h"
#include "engine/painter.h"
#include "job/film_calibration.h"

namespace impasto::job {

/// Paints the frames of one film, each by what belongs to its time: a painter for each stretch,
/// made a little before it is needed and given up soon after. Where a film is not calibrated, one
/// painter paints all of it by each frame's own statistics. Thread-safe, for frames that come in
/// nearly in their order.
class FilmPainter {
 public:
  /// `options` without calibration. An empty `film` (no stretches): not calibrated.
  FilmPainter(std::filesystem::path onnx_file, engine::PainterOptions options,
              FilmCalibration film);
  FilmPainter(const FilmPainter&) = delete;
  FilmPainter& operator=(const FilmPainter&) = delete;
  ~FilmPainter();

  /// Paints the frame of time `pts`; `code` for a base painter, else empty. Throws like
  /// engine::Painter::paint() and make_painter().
  void paint(const Picture& in, Picture& out, std::int64_t pts, std::span<const float> code);

  /// What the film is painted by; no stretches where it is not calibrated.
  [[nodiscard]] const FilmCalibration& film() const { return film_; }

  /// Of the first stretch's painter.
  [[nodiscard]] const engine::PainterInfo& info() const { return info_; }

 private:
  using Made = std::shared_future<std::shared_ptr<engine::Painter>>;

  Made painter_for(std::size_t stretch);
  Made begin(std::size_t stretch);

  std::filesystem::path file_;
  engine::PainterOptions options_;
  FilmCalibration film_;
  engine::PainterInfo info_;
  std::mutex mutex_;
  std::map<std::size_t, Made> painters_;
};

}  // namespace impasto::job
