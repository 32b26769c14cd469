#include "job/calibrations.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/error.h"
#include "base/sha256.h"
#include "job/calibrate_film.h"
#include "job/file_cache.h"
#include "job/paint.h"
#include "job/planned_input.h"

namespace impasto::job {
namespace {

/// All that a film's calibration depends on.
std::string key_of(store::Source& source, const media::ReaderOptions& reading,
                   const style::Style& style, const engine::PainterOptions& options) {
  return sha256(
      fmt::format("2 {} {} {} {} {} {} {} {} {}", source.uri(), planned_input(source).sha256,
                  style.sha256, to_string(options.canvas), options.device, options.precision,
                  reading.start.value_or(media::Seconds(0)).count(),
                  reading.duration.value_or(media::Seconds(-1)).count(), IMPASTO_VERSION));
}

/// What a file of the cache holds, or nothing where that cannot be read.
FilmCalibration kept_in(const std::filesystem::path& file) {
  try {
    std::ifstream stream(file);
    return film_calibration_from_json({std::istreambuf_iterator<char>(stream), {}});
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

FilmCalibration calibration_of(const std::shared_ptr<store::Source>& source,
                               media::ReaderOptions reading, const style::Style& style, Size size,
                               const engine::PainterOptions& options, Progress& progress,
                               const FrameObserver& also, const ReaderObserver& ended) {
  const std::string folder = cache_folder();
  FileCache cache(folder.empty() ? folder : folder + "/calibrations", ".json");
  const std::string key = key_of(*source, reading, style, options);
  if (const auto file = cache.find(key)) {
    FilmCalibration film = kept_in(*file);
    if (!film.stretches.empty()) {
      return film;
    }
  }
  reading.frames_only = true;
  media::Reader reader(source, reading);
  FilmCalibration film = calibrate_film(reader, "looking at " + source->uri(), size, style.file,
                                        options, progress, also);
  if (ended) {
    ended(reader);
  }
  if (!film.stretches.empty()) {
    cache.keep(key, to_json(film));
  }
  return film;
}

}  // namespace impasto::job
