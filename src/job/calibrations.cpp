#include "job/calibrations.h"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/sha256.h"
#include "job/calibrate_film.h"
#include "job/file_cache.h"
#include "job/paint.h"

namespace impasto::job {
namespace {

/// All that a film's calibration depends on; the film itself by its length, beginning and end.
std::string key_of(store::Source& source, const media::ReaderOptions& reading,
                   const style::Style& style, const engine::PainterOptions& options) {
  constexpr std::size_t kPiece = std::size_t{1} << 20U;
  std::string text =
      fmt::format("1 {} {} {} {} {} {} {} {} {}", source.uri(), source.size(), style.sha256,
                  to_string(options.canvas), options.device, options.precision,
                  reading.start.value_or(media::Seconds(0)).count(),
                  reading.duration.value_or(media::Seconds(-1)).count(), IMPASTO_VERSION);
  std::vector<std::byte> piece(kPiece);
  const std::uint64_t last = source.size() > kPiece ? source.size() - kPiece : 0;
  for (const std::uint64_t offset : {std::uint64_t{0}, last}) {
    const std::size_t size = source.read_at(offset, piece);
    text.append(reinterpret_cast<const char*>(piece.data()), size);
  }
  return sha256(text);
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
                               const engine::PainterOptions& options, Progress& progress) {
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
  FilmCalibration film =
      calibrate_film(reader, "looking at " + source->uri(), size, style.file, options, progress);
  if (!film.stretches.empty()) {
    cache.keep(key, to_json(film));
  }
  return film;
}

}  // namespace impasto::job
