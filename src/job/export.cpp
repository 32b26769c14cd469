#include "job/export.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>
#include <set>

#include "base/error.h"
#include "engine/folded_onnx.h"
#include "job/atelier.h"
#include "job/calibrations.h"
#include "job/paint.h"
#include "media/colour.h"
#include "store/store.h"

namespace impasto::job {

ExportResult export_folded(const std::string& clip, const std::string& output,
                           const ExportOptions& options, Progress& progress) {
  if (options.precision == "bf16") {
    throw Error(ExitCode::usage,
                "a net is exported in f32 or int8; the runtime decides on bf16 by itself");
  }
  const style::Style style = Atelier(cache_folder()).style(options.style);
  const std::shared_ptr<store::Source> source = store::for_uri(clip).open(clip);
  const auto sink = store::for_uri(output).create(output, options.overwrite);
  media::ReaderOptions reading;
  reading.threads = options.threads;
  reading.frames_only = true;
  Size size;
  std::int64_t pts = 0;
  {
    const media::Reader reader(source, reading);
    const media::VideoInfo& video = reader.video();
    size = media::even_for(video.format, video.size);
    pts = reader.first_frame().pts + std::llround(options.at.count() / av_q2d(video.time_base));
  }
  engine::PainterOptions painting;
  painting.device = options.device;
  painting.precision = options.precision;
  painting.threads = options.threads;
  painting.canvas = canvas_for(size);
  const FilmCalibration film = calibration_of(source, reading, style, size, painting, progress);
  if (film.stretches.empty()) {
    throw Error(ExitCode::bad_input, fmt::format("the style {} has no instance norms, so there is "
                                                 "nothing to fold; its own file is what you want",
                                                 style.name));
  }
  const bool int8 = film.precision.precision == "int8";
  const std::string bytes =
      engine::folded_onnx(style.file, *film.stretches[blend_at(film, pts).stretch].calibration,
                          int8 ? std::optional(film.precision.kept) : std::nullopt,
                          {{"name", style.name},
                           {"title", style.title},
                           {"painting", style.painting},
                           {"licence", style.licence},
                           {"author", style.author},
                           {"folded", fmt::format("by the statistics of {} at {:.2f} s, {}", clip,
                                                  options.at.count(), to_string(size))},
                           {"precision", int8 ? "int8" : "f32"}});
  store::write_all(*sink, bytes);
  return {film.precision, film.stretches.size(), bytes.size()};
}

}  // namespace impasto::job
