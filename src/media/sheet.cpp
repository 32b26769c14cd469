#include "media/sheet.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "media/label.h"

namespace impasto::media {
namespace {

constexpr float kGround = 0.105F;
constexpr Ink kLabelInk{0.66F, 0.66F, 0.66F};
constexpr Ink kTitleInk{0.92F, 0.92F, 0.92F};

// ---- Scaling ----

/// Which source pixels one target pixel is made of, along one axis.
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

Taps averaged(double from, double to, int count) {
  Taps taps;
  taps.first = std::clamp(static_cast<int>(std::floor(from)), 0, count - 1);
  const int end = std::clamp(static_cast<int>(std::ceil(to - 1e-9)), taps.first + 1, count);
  for (int i = taps.first; i < end; ++i) {
    const double share = std::min(to, i + 1.0) - std::max(from, static_cast<double>(i));
    taps.weights.push_back(static_cast<float>(share / (to - from)));
  }
  return taps;
}

Taps interpolated(double middle, int count) {
  const double at = std::clamp(middle - 0.5, 0.0, count - 1.0);
  const int first = std::min(static_cast<int>(at), std::max(0, count - 2));
  const auto second = static_cast<float>(at - first);
  if (count == 1) {
    return {0, {1.0F}};
  }
  return {first, {1 - second, second}};
}

std::vector<Taps> taps_for(int count, int new_count) {
  std::vector<Taps> all;
  all.reserve(static_cast<std::size_t>(new_count));
  const double step = static_cast<double>(count) / new_count;
  for (int i = 0; i < new_count; ++i) {
    all.push_back(step >= 1 ? averaged(i * step, (i + 1) * step, count)
                            : interpolated((i + 0.5) * step, count));
  }
  return all;
}

/// One new row: rows of the source weighed together first (they lie in memory in order), then the
/// columns of the sum.
void scale_row(const float* plane, std::size_t stride, const Taps& rows,
               const std::vector<Taps>& columns, std::vector<float>& sum, float* into) {
  std::fill(sum.begin(), sum.end(), 0.0F);
  for (std::size_t i = 0; i < rows.weights.size(); ++i) {
    const float* row = plane + (static_cast<std::size_t>(rows.first) + i) * stride;
    const float weight = rows.weights[i];
    for (std::size_t x = 0; x < sum.size(); ++x) {
      sum[x] += weight * row[x];
    }
  }
  for (const Taps& column : columns) {
    float value = 0;
    for (std::size_t i = 0; i < column.weights.size(); ++i) {
      value += column.weights[i] * sum[static_cast<std::size_t>(column.first) + i];
    }
    *into++ = value;
  }
}

// ---- Layout ----

struct Layout {
  int cell_width = 0;
  int gutter = 0;       ///< Between pictures.
  int margin = 0;       ///< Around everything.
  int label_caps = 0;   ///< Height of a label's capitals.
  int label_strip = 0;  ///< From the top of a label to the top of its picture.
  int title_caps = 0;
  int title_strip = 0;  ///< From the top of the title to the first row; 0 without one.
};

Layout layout_for(int cell_width, bool has_title) {
  Layout layout;
  layout.cell_width = cell_width;
  layout.gutter = std::max(4, cell_width / 32);
  layout.margin = 2 * layout.gutter;
  layout.label_caps = std::clamp(cell_width / 30, 8, 24);
  layout.label_strip = layout.label_caps + std::max(6, layout.label_caps * 4 / 5);
  layout.title_caps = layout.label_caps * 3 / 2;
  layout.title_strip = has_title ? layout.title_caps * 2 + layout.gutter / 2 : 0;
  return layout;
}

bool has_labels(const std::vector<SheetCell>& row) {
  return std::any_of(row.begin(), row.end(),
                     [](const SheetCell& cell) { return !cell.label.empty(); });
}

int height_of(const std::vector<SheetCell>& row, int cell_width) {
  int height = 0;
  for (const SheetCell& cell : row) {
    if (cell.picture != nullptr) {
      height = std::max(height, with_width(cell.picture->size(), cell_width).height);
    }
  }
  return height;
}

Size size_of(const std::vector<std::vector<SheetCell>>& rows, const Layout& layout) {
  std::size_t columns = 0;
  int height = 2 * layout.margin + layout.title_strip - layout.gutter;
  for (const std::vector<SheetCell>& row : rows) {
    columns = std::max(columns, row.size());
    height += (has_labels(row) ? layout.label_strip + layout.gutter / 2 : 0) +
              height_of(row, layout.cell_width) + layout.gutter;
  }
  const int count = static_cast<int>(columns);
  return {2 * layout.margin + count * (layout.cell_width + layout.gutter) - layout.gutter, height};
}

void put(Picture& sheet, const Picture& picture, int left, int top) {
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < picture.size().height; ++y) {
      const float* from = picture.plane(channel) + static_cast<std::size_t>(y) * picture.stride();
      float* to = sheet.plane(channel) + static_cast<std::size_t>(top + y) * sheet.stride() + left;
      std::copy_n(from, picture.size().width, to);
    }
  }
}

void draw_row(Picture& sheet, const std::vector<SheetCell>& row, int top, const Layout& layout) {
  const int step = layout.cell_width + layout.gutter;
  const bool labelled = has_labels(row);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int left = layout.margin + static_cast<int>(i) * step;
    if (!row[i].label.empty()) {
      std::size_t next = i + 1;
      while (next < row.size() && row[next].label.empty()) {
        ++next;
      }
      const int room = static_cast<int>(next - i) * step - layout.gutter;
      draw_text(sheet, left, top, fitted_text(row[i].label, layout.label_caps, room),
                layout.label_caps, kLabelInk);
    }
    if (row[i].picture != nullptr) {
      const Size size = with_width(row[i].picture->size(), layout.cell_width);
      put(sheet, scaled(*row[i].picture, size), left, top + (labelled ? layout.label_strip : 0));
    }
  }
}

}  // namespace

Size with_width(Size size, int width) {
  const double height = static_cast<double>(size.height) * width / size.width;
  return {width, std::max(1, static_cast<int>(std::lround(height)))};
}

Picture scaled(const Picture& picture, Size size) {
  if (picture.empty() || size.width <= 0 || size.height <= 0) {
    throw Error(ExitCode::bug, "A picture of " + to_string(picture.size()) +
                                   " was to be scaled to " + to_string(size) + ".");
  }
  const std::vector<Taps> columns = taps_for(picture.size().width, size.width);
  const std::vector<Taps> rows = taps_for(picture.size().height, size.height);
  std::vector<float> sum(static_cast<std::size_t>(picture.size().width));
  Picture result(size);
  for (int channel = 0; channel < 3; ++channel) {
    float* into = result.plane(channel);
    for (const Taps& row : rows) {
      scale_row(picture.plane(channel), picture.stride(), row, columns, sum, into);
      into += result.stride();
    }
  }
  result.mirror_into_margin();
  return result;
}

Picture make_sheet(const std::vector<std::vector<SheetCell>>& rows, int cell_width,
                   const std::string& title) {
  const Layout layout = layout_for(cell_width, !title.empty());
  const Size size = size_of(rows, layout);
  if (cell_width <= 0 || size.width <= 2 * layout.margin || size.height <= 2 * layout.margin) {
    throw Error(ExitCode::bug, "a contact sheet was to be made of no picture");
  }
  Picture sheet(size);
  std::fill_n(sheet.data(), 3 * sheet.plane_size(), kGround);
  draw_text(sheet, layout.margin, layout.margin,
            fitted_text(title, layout.title_caps, size.width - 2 * layout.margin),
            layout.title_caps, kTitleInk);
  int top = layout.margin + layout.title_strip;
  for (const std::vector<SheetCell>& row : rows) {
    top += has_labels(row) ? layout.gutter / 2 : 0;
    draw_row(sheet, row, top, layout);
    top += (has_labels(row) ? layout.label_strip : 0) + height_of(row, cell_width) + layout.gutter;
  }
  return sheet;
}

}  // namespace impasto::media
