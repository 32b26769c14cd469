#include "temporal/texture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/vectorised.h"
#include "temporal/flow.h"

namespace impasto::temporal {
namespace {

using Plane = cv::Mat_<float>;

/// Luma and its differences from red and blue, in levels of 255.
struct Colours {
  Plane luma;
  Plane red;
  Plane blue;
};

IMPASTO_VECTORISED void add(const float* row, std::size_t count, float* sums) {
  for (std::size_t x = 0; x < count; ++x) {
    sums[x] += row[x];
  }
}

/// The means of the pixels that each cell of a row stands for, of one channel.
void shrink_row(const Picture& picture, int channel, int y, int step, std::vector<float>& sums,
                float* into, int width) {
  const Size full = picture.size();
  const int top = std::min(y * step, full.height - 1);
  const int bottom = std::min(top + step, full.height);
  std::fill(sums.begin(), sums.end(), 0.0F);
  for (int line = top; line < bottom; ++line) {
    add(picture.plane(channel) + static_cast<std::size_t>(line) * picture.stride(), sums.size(),
        sums.data());
  }
  for (int x = 0; x < width; ++x) {
    const int left = std::min(x * step, full.width - 1);
    const int right = std::min(left + step, full.width);
    float sum = 0;
    for (int column = left; column < right; ++column) {
      sum += sums[static_cast<std::size_t>(column)];
    }
    const float mean = sum / static_cast<float>((right - left) * (bottom - top));
    into[x] = 255 * std::clamp(mean, 0.0F, 1.0F);
  }
}

Colours colours_of(const Picture& picture, Size size) {
  Colours result{Plane(size.height, size.width), Plane(size.height, size.width),
                 Plane(size.height, size.width)};
  const int step = step_between(picture.size(), size);
  std::vector<float> sums(static_cast<std::size_t>(picture.size().width));
  std::vector<float> green(static_cast<std::size_t>(size.width));
  for (int y = 0; y < size.height; ++y) {
    float* luma = result.luma[y];
    float* red = result.red[y];
    float* blue = result.blue[y];
    shrink_row(picture, 0, y, step, sums, red, size.width);
    shrink_row(picture, 1, y, step, sums, green.data(), size.width);
    shrink_row(picture, 2, y, step, sums, blue, size.width);
    for (int x = 0; x < size.width; ++x) {
      luma[x] = 0.299F * red[x] + 0.587F * green[static_cast<std::size_t>(x)] + 0.114F * blue[x];
      red[x] = 0.713F * (red[x] - luma[x]);
      blue[x] = 0.564F * (blue[x] - luma[x]);
    }
  }
  return result;
}

Colours halved(const Colours& colours) {
  const cv::Size half{(colours.luma.cols + 1) / 2, (colours.luma.rows + 1) / 2};
  Colours result;
  cv::resize(colours.luma, result.luma, half, 0, 0, cv::INTER_AREA);
  cv::resize(colours.red, result.red, half, 0, 0, cv::INTER_AREA);
  cv::resize(colours.blue, result.blue, half, 0, 0, cv::INTER_AREA);
  return result;
}

std::uint8_t byte_of(float value) {
  return static_cast<std::uint8_t>(std::lrint(std::clamp(value, 0.0F, 255.0F)));
}

constexpr int kDirections = 8;

/// The slope across and down, both relative to what is usual around.
struct Slopes {
  Plane across;
  Plane down;
};

Slopes slopes_of(const Plane& luma) {
  constexpr double kSharpest = 0.7;
  constexpr int kAround = 15;
  constexpr float kNoise = 2;    // levels squared, below which slopes mean nothing
  constexpr float kUsual = 110;  // of 255
  Plane smooth;
  cv::GaussianBlur(luma, smooth, {3, 3}, kSharpest, kSharpest, cv::BORDER_REPLICATE);
  Slopes slopes;
  cv::Sobel(smooth, slopes.across, CV_32F, 1, 0, 3, 1.0 / 8, 0, cv::BORDER_REPLICATE);
  cv::Sobel(smooth, slopes.down, CV_32F, 0, 1, 3, 1.0 / 8, 0, cv::BORDER_REPLICATE);
  Plane usual = slopes.across.mul(slopes.across) + slopes.down.mul(slopes.down);
  cv::blur(usual, usual, {kAround, kAround}, {-1, -1}, cv::BORDER_REPLICATE);
  usual += kNoise;
  cv::sqrt(usual, usual);
  slopes.across = kUsual * slopes.across / usual;
  slopes.down = kUsual * slopes.down / usual;
  return slopes;
}

/// Where a direction's sine and cosine stand in a cell: in the order of the bytes.
struct Directions {
  std::array<float, kDirections> cosine{};
  std::array<float, kDirections> sine{};
};

Directions make_directions() {
  Directions directions;
  for (std::size_t i = 0; i < kDirections; ++i) {
    const double angle = static_cast<double>(i) * 2 * M_PI / kDirections;
    directions.cosine.at(i) = static_cast<float>(std::cos(angle));
    directions.sine.at(i) = static_cast<float>(std::sin(angle));
  }
  return directions;
}

/// Slopes count in the directions that they lead to within 60 degrees, most in their own.
IMPASTO_VECTORISED void write_slopes(const float* across, const float* down,
                                     const Directions& directions, int count, std::uint8_t* row) {
  constexpr float kCosine = 0.5F;
  for (int x = 0; x < count; ++x) {
    const float a = across[x];
    const float d = down[x];
    const float out_of_reach = kCosine * std::sqrt(a * a + d * d);
    std::uint8_t* cell = row + std::ptrdiff_t{x} * Texture::kBytes;
    for (int i = 0; i < kDirections; ++i) {
      const float along = a * directions.cosine[i] + d * directions.sine[i] - out_of_reach;
      cell[i] = static_cast<std::uint8_t>(
          static_cast<int>(std::min(255.0F, std::max(0.0F, along / (1 - kCosine) + 0.5F))));
    }
  }
}

/// Brightness itself does not count: it changes with the light, and the slopes tell of it.
void write_colour(const float* red, const float* blue, int count, std::uint8_t* row) {
  constexpr float kColour = 4;
  constexpr float kMiddle = 128;
  for (int x = 0; x < count; ++x) {
    std::uint8_t* cell = row + std::ptrdiff_t{x} * Texture::kBytes + kDirections;
    cell[0] = byte_of(kMiddle + kColour * red[x]);
    cell[1] = byte_of(kMiddle + kColour * blue[x]);
  }
}

Texture texture_of(const Colours& colours) {
  constexpr int kNear = 3;
  static const Directions kDirectionsOfCells = make_directions();
  const Size size{colours.luma.cols, colours.luma.rows};
  const Slopes slopes = slopes_of(colours.luma);
  cv::Mat cells = cv::Mat::zeros(size.height, size.width, CV_8UC(Texture::kBytes));
  for (int y = 0; y < size.height; ++y) {
    write_slopes(slopes.across[y], slopes.down[y], kDirectionsOfCells, size.width, cells.ptr(y));
    write_colour(colours.red[y], colours.blue[y], size.width, cells.ptr(y));
  }
  for (int i = 0; i < 2; ++i) {
    cv::blur(cells, cells, {kNear, kNear}, {-1, -1}, cv::BORDER_REPLICATE);
  }
  Texture texture{size, {}};
  constexpr int kMargin = Texture::kMargin;
  const cv::Size framed{size.width + 2 * kMargin, size.height + 2 * kMargin};
  texture.cells.resize(static_cast<std::size_t>(framed.area()) * Texture::kBytes);
  cv::Mat into(framed, cells.type(), texture.cells.data());
  cv::copyMakeBorder(cells, into, kMargin, kMargin, kMargin, kMargin, cv::BORDER_REPLICATE);
  return texture;
}

std::vector<std::uint8_t> interleaved(const Colours& colours) {
  constexpr float kMiddle = 128;
  std::vector<std::uint8_t> result;
  result.reserve(3 * colours.luma.total());
  for (int y = 0; y < colours.luma.rows; ++y) {
    for (int x = 0; x < colours.luma.cols; ++x) {
      result.push_back(byte_of(colours.luma(y, x)));
      result.push_back(byte_of(kMiddle + colours.red(y, x)));
      result.push_back(byte_of(kMiddle + colours.blue(y, x)));
    }
  }
  return result;
}

}  // namespace

Textures textures_of(const Picture& picture, Size size) {
  constexpr int kSmallest = 32;  // cells on the shorter side; fewer tell nothing
  constexpr std::size_t kLevels = 6;
  Colours colours = colours_of(picture, size);
  Textures textures;
  textures.levels.push_back(texture_of(colours));
  colours = halved(colours);
  textures.half = {colours.luma.cols, colours.luma.rows};
  textures.colour = interleaved(colours);
  do {
    textures.levels.push_back(texture_of(colours));
    colours = halved(colours);
  } while (std::min(colours.luma.cols, colours.luma.rows) >= kSmallest &&
           textures.levels.size() < kLevels);
  return textures;
}

}  // namespace impasto::temporal
