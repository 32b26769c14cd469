#include "temporal/brush.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/vectorised.h"
#include "temporal/grid.h"

namespace impasto::temporal {
namespace {

constexpr int kBlock = 16;  ///< Pixels on a side.

std::size_t blocks_in(Size grid) {
  return static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height);
}

IMPASTO_VECTORISED void add(const float* row, std::size_t count, float* sums) {
  for (std::size_t x = 0; x < count; ++x) {
    sums[x] += row[x];
  }
}

IMPASTO_VECTORISED void find_luma(const float* red, const float* green, const float* blue,
                                  std::size_t count, float* luma) {
  for (std::size_t x = 0; x < count; ++x) {
    luma[x] = 0.299F * red[x] + 0.587F * green[x] + 0.114F * blue[x];
  }
}

IMPASTO_VECTORISED void add_steepness(const float* luma, const float* above, const float* share,
                                      std::size_t count, float* sums) {
  for (std::size_t x = 1; x < count; ++x) {
    const float across = luma[x] - luma[x - 1];
    const float down = luma[x] - above[x];
    sums[x] += share[x] * (across * across + down * down);
  }
}

IMPASTO_VECTORISED void smooth_down(const float* above, const float* here, const float* below,
                                    std::size_t count, float* into) {
  for (std::size_t x = 0; x < count; ++x) {
    into[x] = 0.25F * (above[x] + 2 * here[x] + below[x]);
  }
}

/// `smooth` is the row smoothed downwards, with one more value at either end.
IMPASTO_VECTORISED void amplify(const float* here, const float* smooth, const float* more,
                                std::size_t count, float* into) {
  for (std::size_t x = 0; x < count; ++x) {
    const float coarse = 0.25F * (smooth[x] + 2 * smooth[x + 1] + smooth[x + 2]);
    into[x] = here[x] + more[x] * (here[x] - coarse);
  }
}

/// Amplifies the finest detail of a picture's rows, in place and from the top.
class Amplifier {
 public:
  explicit Amplifier(Picture& picture)
      : picture_(picture), width_(static_cast<std::size_t>(picture.size().width)) {
    smooth_.resize(width_ + 2);
    here_.resize(width_);
    for (std::vector<float>& above : above_) {
      above.resize(width_);
    }
  }

  /// `more` is how much is added for each pixel of the row; none: nothing.
  void amplify_row(int y, const std::vector<float>* more) {
    for (int channel = 0; channel < 3; ++channel) {
      float* row = picture_.plane(channel) + static_cast<std::size_t>(y) * picture_.stride();
      const float* below = y + 1 < picture_.size().height ? row + picture_.stride() : row;
      std::vector<float>& above = above_.at(static_cast<std::size_t>(channel));
      std::copy_n(row, width_, here_.begin());
      if (more != nullptr) {
        const float* upper = y > 0 ? above.data() : row;
        smooth_down(upper, here_.data(), below, width_, smooth_.data() + 1);
        smooth_.front() = smooth_.at(1);
        smooth_.back() = smooth_.at(width_);
        amplify(here_.data(), smooth_.data(), more->data(), width_, row);
      }
      above.swap(here_);
    }
  }

 private:
  Picture& picture_;
  std::size_t width_;
  std::vector<float> smooth_;
  std::vector<float> here_;
  std::array<std::vector<float>, 3> above_;  ///< The row above as it was.
};

}  // namespace

Brush::Brush(Size picture)
    : picture_(picture),
      grid_{(picture.width + kBlock - 1) / kBlock, (picture.height + kBlock - 1) / kBlock} {
  const auto width = static_cast<std::size_t>(picture.width);
  for (Steepness* steepness : {&painted_, &blended_}) {
    steepness->luma.resize(width);
    steepness->luma_above.resize(width);
    steepness->columns.resize(width);
    steepness->blocks.resize(blocks_in(grid_));
  }
  share_columns_.resize(width);
  shares_.resize(blocks_in(grid_));
}

void Brush::take_painted(const Picture& picture, int y, const RowMotion& motion) {
  take(painted_, picture, y, motion);
}

void Brush::take_blended(const Picture& picture, int y, const RowMotion& motion) {
  take(blended_, picture, y, motion);
  add(motion.share.data(), motion.share.size(), share_columns_.data());
  if (y % kBlock == kBlock - 1 || y == picture_.height - 1) {
    sum_up_blocks(painted_.columns, painted_.blocks, y);
    sum_up_blocks(blended_.columns, blended_.blocks, y);
    sum_up_blocks(share_columns_, shares_, y);
  }
}

void Brush::take(Steepness& steepness, const Picture& picture, int y, const RowMotion& motion) {
  const std::size_t row = static_cast<std::size_t>(y) * picture.stride();
  steepness.luma.swap(steepness.luma_above);
  find_luma(picture.plane(0) + row, picture.plane(1) + row, picture.plane(2) + row,
            steepness.luma.size(), steepness.luma.data());
  if (y > 0) {
    add_steepness(steepness.luma.data(), steepness.luma_above.data(), motion.share.data(),
                  steepness.luma.size(), steepness.columns.data());
  }
}

void Brush::sum_up_blocks(std::vector<float>& columns, std::vector<double>& blocks, int y) const {
  const std::size_t first =
      static_cast<std::size_t>(y / kBlock) * static_cast<std::size_t>(grid_.width);
  for (std::size_t x = 0; x < columns.size(); ++x) {
    blocks.at(first + x / kBlock) += columns[x];
    columns[x] = 0;
  }
}

std::vector<float> Brush::gains(float longest) const {
  constexpr double kLeast = 0.02;     // share of the past, below which there is nothing to restore
  constexpr double kMost = 2;         // times
  constexpr double kOfSteepness = 2;  // the finest detail makes about half of the steepness
  std::vector<float> result(blocks_in(grid_), 1.0F);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double share = shares_[i] / (kBlock * kBlock);
    if (share < kLeast || blended_.blocks[i] <= 0) {
      continue;
    }
    const double lost = std::sqrt(painted_.blocks[i] / blended_.blocks[i]) - 1;
    const double most = std::clamp(longest / share, 1.0, kMost);
    result[i] = static_cast<float>(std::clamp(1 + kOfSteepness * lost, 1.0, most));
  }
  return result;
}

void Brush::restore(Picture& blended, float longest) {
  std::vector<float> more = gains(longest);
  for (float& gain : more) {
    gain -= 1;
  }
  const Between columns = cells_along(picture_.width, grid_.width, kBlock);
  const Between rows = cells_along(picture_.height, grid_.height, kBlock);
  std::vector<float> cells(static_cast<std::size_t>(grid_.width));
  std::vector<float> row(static_cast<std::size_t>(picture_.width));
  Amplifier amplifier(blended);
  for (int y = 0; y < picture_.height; ++y) {
    row_between(more, rows, y, 1, cells);
    const bool any = *std::max_element(cells.begin(), cells.end()) > 0;
    if (any) {
      widen(cells, columns, row);
    }
    amplifier.amplify_row(y, any ? &row : nullptr);
  }
}

}  // namespace impasto::temporal
