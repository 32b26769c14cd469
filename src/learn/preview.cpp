#include "learn/preview.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "media/sheet.h"
#include "media/still_png.h"

namespace impasto::learn {
namespace {

constexpr int kCellWidth = 480;
constexpr std::size_t kColumns = 4;

}  // namespace

Picture to_picture(const Photo& photo) {
  Picture picture(photo.size);
  const auto width = static_cast<std::size_t>(photo.size.width);
  auto from = photo.rgb.begin();
  for (int channel = 0; channel < 3; ++channel) {
    float* row = picture.plane(channel);
    for (int y = 0; y < photo.size.height; ++y, row += picture.stride()) {
      std::transform(from, from + static_cast<std::ptrdiff_t>(width), row,
                     [](std::uint8_t value) { return static_cast<float>(value) / 255; });
      from += static_cast<std::ptrdiff_t>(width);
    }
  }
  picture.mirror_into_margin();
  return picture;
}

Picture to_picture(const float* planes, Size size) {
  Picture picture(size);
  for (int channel = 0; channel < 3; ++channel) {
    float* row = picture.plane(channel);
    for (int y = 0; y < size.height; ++y, row += picture.stride(), planes += size.width) {
      std::copy_n(planes, size.width, row);
    }
  }
  picture.mirror_into_margin();
  return picture;
}

std::vector<std::size_t> preview_choice(std::size_t count, std::size_t wanted) {
  std::vector<std::size_t> chosen;
  const std::size_t shown = std::min(count, wanted);
  for (std::size_t i = 0; i < shown; ++i) {
    chosen.push_back((2 * i + 1) * count / (2 * shown));
  }
  return chosen;
}

std::string preview_title(const std::string& name, std::int64_t step, double seconds) {
  constexpr int kMinute = 60;
  const auto whole = static_cast<std::int64_t>(seconds);
  return fmt::format("{} - step {} - {} min {:02d} s", name, step, whole / kMinute,
                     whole % kMinute);
}

void write_preview(const std::filesystem::path& file, const std::string& title,
                   const std::vector<Picture>& photos, const std::vector<Picture>& paintings,
                   const std::vector<std::string>& labels) {
  if (photos.size() != paintings.size()) {
    throw Error(ExitCode::bug, fmt::format("a preview was to show {} photos and {} paintings",
                                           photos.size(), paintings.size()));
  }
  std::vector<std::vector<media::SheetCell>> rows;
  for (std::size_t begin = 0; begin < photos.size(); begin += kColumns) {
    std::vector<media::SheetCell> sources;
    std::vector<media::SheetCell> painted;
    for (std::size_t i = begin; i < std::min(begin + kColumns, photos.size()); ++i) {
      sources.push_back({&photos[i], i < labels.size() ? labels[i] : ""});
      painted.push_back({&paintings[i], ""});
    }
    rows.push_back(std::move(sources));
    rows.push_back(std::move(painted));
  }
  media::write_png(media::make_sheet(rows, kCellWidth, title), file.string(), true);
}

}  // namespace impasto::learn
