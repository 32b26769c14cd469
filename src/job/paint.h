#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/size.h"
#include "engine/painter.h"
#include "job/atelier.h"
#include "job/film_painter.h"
#include "job/frame_painter.h"
#include "job/report.h"
#include "media/encoder.h"
#include "media/reader.h"
#include "style/style.h"

namespace impasto::job {

/// What `impasto paint` is asked for, apart from inputs and outputs.
struct PaintOptions {
  std::string style;                 ///< As Atelier::style takes it.
  std::vector<StyleKey> style_keys;  ///< Styles over time, in place of `style`.
  StyleFade style_fade;
  std::string size;  ///< "WxH", "720p" or empty for the input's own.
  Mix mix;
  media::EncodeOptions encode;
  std::string device = "cpu";
  std::string precision = "auto";
  bool live_norm = false;     ///< Every frame by its own statistics, not by its shot's.
  double stability = 0;       ///< 0: frame by frame, to temporal::kSteadiest.
  std::string tile = "auto";  ///< "auto", "off", or the side of a tile in pixels.
  int threads = 0;
  std::optional<media::Seconds> start;
  std::optional<media::Seconds> duration;
  std::string preview;  ///< URI of a contact sheet; empty: none.
  bool overwrite = false;
  bool strict = false;  ///< Refuse where anything would be lost.
};

/// Parses "WxH" or a number of lines with a p ("720p": the width follows, even, the shown shape
/// stays). Throws Error(usage).
Size parse_size(const std::string& text, Size source, AVRational sample_aspect);

/// Parses off|low|high or a number from 0 to 10. Throws Error(usage).
double parse_stability(const std::string& text);

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
  PaintReport paint_video(media::Reader& reader, const std::shared_ptr<store::Source>& source,
                          store::Sink& sink);
  PaintReport paint_still(media::Reader& reader, store::Sink& sink);
  /// The painter of each frame by itself, kept while the size stays.
  FilmPainter& live_painter(Size picture);
  /// The painter of one picture: in tiles, by what its parts have in common, where it is large.
  FilmPainter& still_painter(const AVFrame& frame, Size picture);
  /// The painter of one film by its shots.
  FilmPainter& calibrated_painter(const std::shared_ptr<store::Source>& source, Size picture);
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
  std::unique_ptr<store::Sink> sheet_sink_;  ///< Of the file being painted.
  Size canvas_;  ///< Of a live painter; empty when the painter is another.
};

/// Where compiled networks are kept: $XDG_CACHE_HOME/impasto or ~/.cache/impasto.
std::string cache_folder();

}  // namespace impasto::job
