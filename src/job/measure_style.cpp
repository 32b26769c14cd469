#include "job/measure_style.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/picture.h"
#include "engine/painter.h"
#include "job/paint.h"
#include "media/photos.h"

namespace impasto::job {
namespace {

constexpr int kSide = 512;
constexpr int kRoom = 8;         ///< Pixels on top, to move within.
constexpr double kNoise = 0.01;  ///< Its deviation, as in training.
constexpr std::size_t kAtOnce = 8;

struct Move {
  int dy = 0;
  int dx = 0;
};

/// In all directions, near and far, never by whole blocks of the network.
constexpr std::array<Move, 8> kMoves{
    {{3, 5}, {-2, 7}, {1, -3}, {-7, -1}, {5, 2}, {-3, 6}, {6, -5}, {-1, -6}}};

/// The square of the photo whose top left corner is given.
Picture square_of(const media::Photo& photo, int top, int left) {
  Picture picture({kSide, kSide});
  const auto width = static_cast<std::size_t>(photo.size.width);
  const std::size_t plane = width * static_cast<std::size_t>(photo.size.height);
  for (int channel = 0; channel < 3; ++channel) {
    float* into = picture.plane(channel);
    for (int y = 0; y < kSide; ++y, into += picture.stride()) {
      const std::uint8_t* row = photo.rgb.data() + static_cast<std::size_t>(channel) * plane +
                                static_cast<std::size_t>(top + y) * width + left;
      std::transform(row, row + kSide, into,
                     [](std::uint8_t value) { return static_cast<float>(value) / 255; });
    }
  }
  return picture;
}

void add_noise(Picture& picture, std::uint32_t seed) {
  std::mt19937 generator(seed);  // NOLINT(cert-msc51-cpp): the same noise each time
  const double reach = kNoise * std::sqrt(12.0);
  constexpr double kMost = std::mt19937::max();
  for (std::size_t i = 0; i < 3 * picture.plane_size(); ++i) {
    const double share = static_cast<double>(generator()) / kMost;
    const auto noise = static_cast<float>((share - 0.5) * reach);
    picture.data()[i] = std::clamp(picture.data()[i] + noise, 0.0F, 1.0F);
  }
}

/// All of it: the canvas of a square of this size has no margin.
std::vector<float> values_of(const Picture& picture) {
  return {picture.data(), picture.data() + 3 * picture.plane_size()};
}

media::PaintedPhoto paint_photo(const media::Photo& photo, std::size_t index,
                                engine::Painter& painter) {
  const Move& move = kMoves[index % kMoves.size()];
  const int top = (photo.size.height - kSide - std::abs(move.dy)) / 2 + std::max(0, -move.dy);
  const int left = (photo.size.width - kSide - std::abs(move.dx)) / 2 + std::max(0, -move.dx);
  const Picture source = square_of(photo, top, left);
  Picture moved = square_of(photo, top + move.dy, left + move.dx);
  add_noise(moved, static_cast<std::uint32_t>(index));
  Picture painted({kSide, kSide});
  media::PaintedPhoto result{photo.name, {kSide, kSide}, move.dy, move.dx, {}, {}, {}};
  painter.paint(source, painted);
  result.source = values_of(source);
  result.painted = values_of(painted);
  painter.paint(moved, painted);
  result.moved = values_of(painted);
  return result;
}

}  // namespace

void paint_to_measure(const style::Style& style, const MeasureOptions& options,
                      const std::function<bool(const media::PaintedPhoto&)>& take) {
  const media::PhotoSet set = media::load_photos(
      options.photos, {.short_side = kSide + kRoom, .enlarge = true, .most = options.most});
  const auto painter = engine::make_painter(
      style.file,
      {options.device, "f32", options.threads, canvas_for({kSide, kSide}), cache_folder()});
  for (std::size_t begin = 0; begin < set.photos.size(); begin += kAtOnce) {
    std::vector<media::PaintedPhoto> painted(std::min(kAtOnce, set.photos.size() - begin));
    for_each_index(painted.size(), [&](std::size_t i) {
      painted[i] = paint_photo(set.photos[begin + i], begin + i, *painter);
    });
    for (const media::PaintedPhoto& one : painted) {
      if (!take(one)) {
        return;
      }
    }
  }
}

}  // namespace impasto::job
