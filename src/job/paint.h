#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/size.h"
#include "engine/enlarger.h"
#include "engine/painter.h"
#include "job/atelier.h"
#include "job/film_painter.h"
#include "job/frame_painter.h"
#include "job/paint_options.h"
#include "job/report.h"
#include "media/encoder.h"
#include "media/reader.h"
#include "style/style.h"

namespace impasto::job {

/// Paints files in one style, one after the other; keeps the compiled network while the size stays.
class PaintSession {
 public:
  /// Finds or makes the style or styles. Throws like Atelier.
  PaintSession(PaintOptions options, Progress& progress);

  /// Paints one video or picture: everything that can be refused is refused before the first frame
  /// is painted, and `output` appears whole or not at all. Throws Error with the exit code that
  /// fits; see docs/user-guide.md for all of them.
  PaintReport paint(const std::string& input, const std::string& output);

 private:
  using Clock = std::chrono::steady_clock;

  PaintReport paint_video(media::Reader& reader, const std::shared_ptr<store::Source>& source,
                          store::Sink& sink);
  PaintReport paint_still(media::Reader& reader, store::Sink& sink);
  /// In segments; nothing where that cannot be.
  std::optional<PaintReport> paint_long(const media::Reader& reader, const std::string& input,
                                        const std::string& output);
  /// What is known of all painting; tells the warnings.
  void finish_report(PaintReport& report, const std::string& input, const std::string& output,
                     Clock::time_point start) const;
  /// The painter of each frame by itself, kept while the size stays.
  FilmPainter& live_painter(Size picture);
  /// The painter of one picture: in tiles, by what its parts have in common, where it is large.
  FilmPainter& still_painter(const AVFrame& frame, Size picture);
  /// The painter of one film by its shots.
  FilmPainter& calibrated_painter(const std::shared_ptr<store::Source>& source, Size picture);
  /// As its calibration has them; a film that is painted live is read for them.
  std::vector<std::int64_t> cuts_of(const FilmCalibration& film,
                                    const std::shared_ptr<store::Source>& source);
  engine::Enlarger& enlarger();
  [[nodiscard]] engine::PainterOptions painter_options(Size picture) const;
  [[nodiscard]] media::ReaderOptions reader_options() const;
  void announce(const media::OutputPlan& plan) const;
  void refuse_losses(const media::OutputPlan& plan, const std::string& output) const;

  PaintOptions options_;
  Progress& progress_;
  Atelier atelier_;
  style::Style style_;         ///< With `keys_`, the painter that takes their codes.
  std::vector<CodeKey> keys_;  ///< Empty: one style throughout.
  std::unique_ptr<FilmPainter> painter_;
  std::unique_ptr<engine::Enlarger> enlarger_;  ///< Kept for all files.
  std::unique_ptr<store::Sink> sheet_sink_;     ///< Of the file being painted.
  Size canvas_;             ///< Of a live painter; empty when the painter is another.
  bool announced_ = false;  ///< What the output cannot hold has been told of this file.
};

/// Where compiled networks are kept: $XDG_CACHE_HOME/impasto or ~/.cache/impasto.
std::string cache_folder();

}  // namespace impasto::job
