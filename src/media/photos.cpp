#include "media/photos.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/picture.h"
#include "media/colour.h"
#include "media/reader.h"
#include "store/store.h"

namespace impasto::media {
namespace {

namespace fs = std::filesystem;

constexpr int kLongest = 3;            ///< Times the short side.
constexpr int kSmallestPainting = 64;  ///< Short side in pixels.
/// Up to this many frames a clip is decoded from end to end; longer ones are sought through.
constexpr std::int64_t kFramesToReadThrough = 600;
/// Standard deviation of the green values, 0..255, below which there is nothing to see.
constexpr double kBlank = 2.5;

constexpr std::array<std::string_view, 20> kEndings{
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff", "bmp", "gif",
    "ppm", "pgm",  "pnm", "pam",  "tga", "jp2",  "j2k", "jxl",  "exr", "avif"};

// ---- Pixels ----

int short_side_of(Size size) { return std::min(size.width, size.height); }

Size with_short_side(Size size, int side) {
  const double factor = static_cast<double>(side) / short_side_of(size);
  return {std::max(side, static_cast<int>(std::lround(size.width * factor))),
          std::max(side, static_cast<int>(std::lround(size.height * factor)))};
}

/// The middle of a picture, cut to at most kLongest times as long as wide.
Photo to_photo(const Picture& picture, std::string name) {
  const Size whole = picture.size();
  const int longest = kLongest * short_side_of(whole);
  const Size size{std::min(whole.width, longest), std::min(whole.height, longest)};
  const int left = (whole.width - size.width) / 2;
  const int top = (whole.height - size.height) / 2;
  Photo photo{size, {}, std::move(name)};
  photo.rgb.reserve(std::size_t{3} * size.width * size.height);
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < size.height; ++y) {
      const float* row =
          picture.plane(channel) + static_cast<std::size_t>(top + y) * picture.stride() + left;
      std::transform(row, row + size.width, std::back_inserter(photo.rgb), [](float value) {
        const float level = std::clamp(value, 0.0F, 1.0F) * 255 + 0.5F;
        return static_cast<std::uint8_t>(level);
      });
    }
  }
  return photo;
}

Photo scaled_photo(const AVFrame& frame, Size size, std::string name, ColourConverter& converter) {
  Picture picture(size);
  converter.to_picture(frame, picture);  // scales by areas: its filters widen with the step
  return to_photo(picture, std::move(name));
}

Size limited(Size size, int short_side) {
  return short_side_of(size) > short_side ? with_short_side(size, short_side) : size;
}

bool is_blank(const Photo& photo) {
  const std::size_t plane = photo.rgb.size() / 3;
  double sum = 0;
  double squares = 0;
  for (std::size_t i = plane; i < 2 * plane; ++i) {
    sum += photo.rgb[i];
    squares += static_cast<double>(photo.rgb[i]) * photo.rgb[i];
  }
  const double mean = sum / static_cast<double>(plane);
  return squares / static_cast<double>(plane) - mean * mean < kBlank * kBlank;
}

// ---- Folders of photos ----

bool is_picture_name(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return !ending.empty() &&
         std::find(kEndings.begin(), kEndings.end(), ending.substr(1)) != kEndings.end();
}

/// Adds the pictures of a folder; `seen` keeps links from leading round in circles.
void add_pictures(const fs::path& folder, std::set<fs::path>& seen, std::vector<fs::path>& files) {
  std::error_code failure;
  if (!seen.insert(fs::canonical(folder, failure)).second || failure) {
    return;
  }
  for (fs::directory_iterator entry(folder, failure); !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    const fs::path& path = entry->path();
    std::error_code ignored;
    if (path.filename().string().starts_with('.')) {
      continue;  // other systems' notes about pictures
    }
    if (fs::is_directory(path, ignored)) {
      add_pictures(path, seen, files);
    } else if (is_picture_name(path)) {
      files.push_back(path);
    }
  }
}

std::vector<fs::path> pictures_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::set<fs::path> seen;
  add_pictures(folder, seen, files);
  std::sort(files.begin(), files.end());
  return files;
}

/// Every so many-th, so that at most `most` are left.
std::vector<fs::path> even_choice(const std::vector<fs::path>& files, std::size_t most) {
  if (files.size() <= most) {
    return files;
  }
  std::vector<fs::path> chosen;
  chosen.reserve(most);
  for (std::size_t i = 0; i < most; ++i) {
    chosen.push_back(files[i * files.size() / most]);
  }
  return chosen;
}

std::size_t photos_for(std::size_t memory, int short_side) {
  const std::size_t usual = std::size_t{3} * short_side * short_side * 3 / 2;  // three to two
  return std::max<std::size_t>(1, memory / usual);
}

ReaderOptions one_thread() {
  ReaderOptions options;
  options.threads = 1;  // a picture a core is faster than all cores on one
  options.frames_only = true;
  return options;
}

/// What became of a file: a picture, nothing (it is tiny), or a sentence.
using Loaded = std::variant<std::monostate, Photo, std::string>;

Loaded load_photo(const fs::path& file, std::string name, const PhotoOptions& options) {
  try {
    const Reader reader(store::for_uri(file.string()).open(file.string()), one_thread());
    const Size size = reader.video().size;
    if (short_side_of(size) < kSmallestPhoto) {
      return std::monostate{};
    }
    const Size target = options.enlarge ? with_short_side(size, options.short_side)
                                        : limited(size, options.short_side);
    ColourConverter converter;
    return scaled_photo(reader.first_frame(), target, std::move(name), converter);
  } catch (const Error& error) {
    if (error.code() != ExitCode::bad_input) {
      throw;
    }
    return std::string(error.what());
  } catch (const std::bad_alloc&) {
    return "'" + file.string() + "' takes more memory than there is; scale it down";
  }
}

[[noreturn]] void throw_no_photos(const fs::path& folder, const PhotoSet& set) {
  std::string found = "holds no picture";
  if (set.broken + set.tiny > 0) {
    found = fmt::format(
        "holds no picture to learn on ({} cannot be read, {} are under {} pixels on the short "
        "side)",
        set.broken, set.tiny, kSmallestPhoto);
  }
  throw Error(ExitCode::bad_input,
              fmt::format("'{}' {}; any folder of photos of your own will do, a few hundred are "
                          "best for learning, and learning --on the clip that is to be painted "
                          "takes none at all",
                          folder.string(), found));
}

// ---- Clips ----

std::string frame_name(const fs::path& clip, Seconds time) {
  return fmt::format("{} at {:.2f} s", clip.filename().string(), time.count());
}

Seconds time_of(const AVFrame& frame, const Reader& reader) {
  const std::int64_t begin = reader.format().start_time;
  const double origin = begin == AV_NOPTS_VALUE ? 0 : static_cast<double>(begin) / AV_TIME_BASE;
  return Seconds(
      std::max(0.0, static_cast<double>(frame.pts) * av_q2d(reader.video().time_base) - origin));
}

bool is_long(const VideoInfo& video) {
  const double rate = video.frame_rate.num > 0 ? av_q2d(video.frame_rate) : 0;
  const auto guessed = static_cast<std::int64_t>(video.duration.count() * rate);
  return video.duration.count() > 0 && std::max(video.frames, guessed) > kFramesToReadThrough;
}

/// All frames of a clip, or every second, fourth, ... so that at most 2 * `count` - 1 are held at
/// once: its length need not be known.
std::vector<Photo> read_through(Reader& reader, const fs::path& clip, int count, Size size) {
  ColourConverter converter;
  std::vector<Photo> kept;
  std::int64_t index = 0;
  std::int64_t step = 1;
  for (ReadItem item = reader.next(); !std::holds_alternative<std::monostate>(item);
       item = reader.next(), ++index) {
    throw_if_interrupted();
    if (index % step != 0) {
      continue;
    }
    const AVFrame& frame = *std::get<FramePtr>(item);
    kept.push_back(scaled_photo(frame, size, frame_name(clip, time_of(frame, reader)), converter));
    if (kept.size() == std::size_t{2} * static_cast<std::size_t>(count)) {
      for (std::size_t i = 1; i < kept.size() / 2; ++i) {
        kept[i] = std::move(kept[2 * i]);
      }
      kept.resize(kept.size() / 2);
      step *= 2;
    }
  }
  return kept;
}

/// Frames at the middles of `count` equal parts; parts that cannot be decoded give none.
std::vector<Photo> seek_through(const fs::path& clip, int count, Seconds duration, Size size) {
  std::vector<std::optional<Photo>> found(static_cast<std::size_t>(count));
  for_each_index(found.size(), [&](std::size_t index) {
    ReaderOptions options = one_thread();
    options.start = duration * ((static_cast<double>(index) + 0.5) / count);
    try {
      const Reader reader(store::for_uri(clip.string()).open(clip.string()), options);
      const AVFrame& frame = reader.first_frame();
      ColourConverter converter;
      found[index] = scaled_photo(frame, size, frame_name(clip, time_of(frame, reader)), converter);
    } catch (const Error& error) {
      if (error.code() != ExitCode::bad_input) {
        throw;
      }
    }
  });
  std::vector<Photo> photos;
  for (std::optional<Photo>& one : found) {
    if (one && (photos.empty() || photos.back().name != one->name)) {
      photos.push_back(std::move(*one));
    }
  }
  return photos;
}

}  // namespace

std::size_t PhotoSet::bytes() const {
  std::size_t sum = 0;
  for (const Photo& photo : photos) {
    sum += photo.rgb.size();
  }
  return sum;
}

PhotoSet load_photos(const fs::path& folder, const PhotoOptions& options) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw Error(ExitCode::bad_input, "there is no folder '" + folder.string() +
                                         "'; --photos takes any folder of photos of your own");
  }
  const std::vector<fs::path> all = pictures_in(folder);
  const std::vector<fs::path> files = even_choice(all, options.most);
  std::vector<Loaded> loaded(files.size());
  for_each_index(files.size(), [&](std::size_t index) {
    const std::string name = files[index].lexically_relative(folder).string();
    loaded[index] = load_photo(files[index], name, options);
  });
  PhotoSet set;
  set.left_out = static_cast<int>(all.size() - files.size());
  for (Loaded& one : loaded) {
    if (auto* photo = std::get_if<Photo>(&one)) {
      set.photos.push_back(std::move(*photo));
    } else if (auto* problem = std::get_if<std::string>(&one)) {
      ++set.broken;
      set.problems.push_back(std::move(*problem));
    } else {
      ++set.tiny;
    }
  }
  if (set.photos.empty()) {
    throw_no_photos(folder, set);
  }
  return set;
}

PhotoSet load_photos(const fs::path& folder, int short_side, std::size_t memory) {
  return load_photos(folder, {short_side, false, photos_for(memory, short_side)});
}

PhotoSet load_clip_frames(const fs::path& clip, int count, int short_side) {
  ReaderOptions options;
  options.frames_only = true;
  Reader reader(store::for_uri(clip.string()).open(clip.string()), options);
  const VideoInfo& video = reader.video();
  if (short_side_of(video.size) < kSmallestPhoto) {
    throw Error(ExitCode::bad_input,
                fmt::format("'{}' is only {} pixels large; to learn on a clip takes at least {} on "
                            "its short side",
                            clip.string(), to_string(video.size), kSmallestPhoto));
  }
  const Size size = limited(video.size, short_side);
  PhotoSet set;
  set.photos = is_long(video) ? seek_through(clip, count, video.duration, size)
                              : read_through(reader, clip, count, size);
  std::erase_if(set.photos, is_blank);
  if (set.photos.empty()) {
    throw Error(ExitCode::bad_input, "'" + clip.string() +
                                         "' shows nothing but blank frames; learn on another clip "
                                         "or on --photos");
  }
  return set;
}

Photo load_painting(const fs::path& file, int short_side) {
  const Reader reader(store::for_uri(file.string()).open(file.string()), one_thread());
  const VideoInfo& video = reader.video();
  if (!video.still && video.codec != "gif") {
    throw Error(ExitCode::bad_input, "'" + file.string() +
                                         "' is a video; the painting to learn must be a picture, "
                                         "such as a .jpg or .png");
  }
  if (short_side_of(video.size) < kSmallestPainting) {
    throw Error(ExitCode::bad_input,
                fmt::format("the painting '{}' is only {} pixels large; at least {} on the short "
                            "side show a brush, 500 and more show it well",
                            file.string(), to_string(video.size), kSmallestPainting));
  }
  ColourConverter converter;
  return scaled_photo(reader.first_frame(), with_short_side(video.size, short_side),
                      file.filename().string(), converter);
}

}  // namespace impasto::media
