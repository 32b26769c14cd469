#include "job/side_by_side.h"

#include <algorithm>
#include <cmath>

#include "media/label.h"

namespace impasto::job {
namespace {

constexpr float kGround = 0.105F;
constexpr media::Ink kLabelInk{0.82F, 0.82F, 0.82F};
constexpr float kLine = 0.92F;

int even(double length) { return std::max(2, 2 * static_cast<int>(std::lround(length / 2))); }

/// Shown with square pixels at this height.
Size at_height(const media::VideoInfo& video, int height) {
  const double stretch = video.sample_aspect.num > 0 ? av_q2d(video.sample_aspect) : 1.0;
  return {even(video.size.width * stretch * height / video.size.height), height};
}

/// Between the pictures, or of the line that parts one.
int gap_of(int height) { return even(height / 240.0); }

void fill(Picture& canvas, int left, int top, Size size, float value) {
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = top; y < top + size.height; ++y) {
      std::fill_n(canvas.plane(channel) + static_cast<std::size_t>(y) * canvas.stride() + left,
                  size.width, value);
    }
  }
}

}  // namespace

SideBySideLayout lay_out(const media::VideoInfo& first, const media::VideoInfo& second,
                         const SideBySideOptions& options) {
  SideBySideLayout layout;
  const int height = even(first.size.height);
  layout.sizes[0] = at_height(first, height);
  const bool labelled = !options.labels[0].empty() || !options.labels[1].empty();
  layout.caps = std::clamp(height / 36, 7, 48);
  layout.strip = labelled ? even(2.5 * layout.caps) : 0;
  const int gap = gap_of(height);
  if (options.split) {
    const int width = layout.sizes[0].width;
    const int at = std::clamp(static_cast<int>(std::lround(*options.split * width)), 0, width);
    layout.sizes[1] = layout.sizes[0];
    // The line lies over both alike, and nowhere when one of them is seen alone.
    const int left = at == 0 || at == width ? at : std::max(0, at - gap / 2);
    const int right = at == 0 || at == width ? at : std::min(width, left + gap);
    layout.lefts = {0, right};
    layout.offsets = {0, right};
    layout.widths = {left, width - right};
    layout.canvas = {width, height + layout.strip};
    return layout;
  }
  layout.sizes[1] = at_height(second, height);
  layout.widths = {layout.sizes[0].width, layout.sizes[1].width};
  layout.lefts = {0, layout.widths[0] + gap};
  layout.canvas = {layout.lefts[1] + layout.widths[1], height + layout.strip};
  return layout;
}

SideBySide::SideBySide(const SideBySideLayout& layout, const SideBySideOptions& options)
    : layout_(layout),
      pictures_{Picture(layout.sizes[0]), Picture(layout.sizes[1])},
      canvas_(layout.canvas) {
  fill(canvas_, 0, 0, layout.canvas, kGround);
  if (options.split) {
    fill(canvas_, layout.widths[0], layout.strip,
         {layout.lefts[1] - layout.widths[0], layout.sizes[0].height}, kLine);
  }
  if (layout.strip > 0) {
    draw_labels(options);
  }
}

/// Each over its picture; on the two sides of one picture they keep to its edges.
void SideBySide::draw_labels(const SideBySideOptions& options) {
  const int caps = layout_.caps;
  const int top = (layout_.strip - caps) / 2;
  for (std::size_t which = 0; which < 2; ++which) {
    const int room = options.split ? layout_.canvas.width / 2 : layout_.widths[which];
    const std::string text = media::fitted_text(options.labels[which], caps, room - 2 * caps);
    const bool to_the_right = options.split && which == 1;
    const int left = to_the_right ? layout_.canvas.width - caps - media::text_width(text, caps)
                                  : layout_.lefts[which] + caps;
    media::draw_text(canvas_, left, top, text, caps, kLabelInk);
  }
}

void SideBySide::put(const AVFrame& frame, std::size_t which) {
  if (layout_.widths[which] <= 0) {
    return;
  }
  converters_[which].to_picture(frame, pictures_[which]);
  copy_part(pictures_[which], {layout_.offsets[which], 0},
            {layout_.widths[which], layout_.sizes[which].height}, canvas_,
            {layout_.lefts[which], layout_.strip});
}

const Picture& SideBySide::show(const AVFrame& first, const AVFrame& second) {
  put(first, 0);
  put(second, 1);
  return canvas_;
}

}  // namespace impasto::job
