#include "job/frame_finisher.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/error.h"
#include "media/blend.h"
#include "media/planar.h"

namespace impasto::job {
namespace {

/// What is left to do by scaling after all enlarging, at most: Catmull-Rom keeps edges sharp so
/// far.
constexpr double kScaled = 1.2;
/// Larger brightness is not enlarged once more: at 4K and above nobody sees pixels.
constexpr int kMostEnlarged = 2560;

const AVPixFmtDescriptor& description_of(const AVFrame& frame) {
  return *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
}

media::FramePtr empty_frame(const AVFrame& source, const media::OutputPlan& plan) {
  // Stored even, shown as planned: an odd size only crops what the conversion writes.
  const Size stored = media::even_for(plan.work_format, plan.format.size);
  media::FramePtr frame = media::make_picture_frame(plan.work_format, stored.width, stored.height);
  frame->width = plan.format.size.width;
  frame->height = plan.format.size.height;
  if (av_frame_copy_props(frame.get(), &source) < 0) {
    throw std::bad_alloc();
  }
  frame->sample_aspect_ratio = plan.format.sample_aspect;
  media::tag(*frame, plan.format.colour);
  return frame;
}

/// The grey format that is laid out like the first plane of another.
AVPixelFormat grey_of(const AVFrame& frame) {
  switch (description_of(frame).comp[0].depth) {
    case 8:
      return AV_PIX_FMT_GRAY8;
    case 9:
      return AV_PIX_FMT_GRAY9;
    case 10:
      return AV_PIX_FMT_GRAY10;
    case 12:
      return AV_PIX_FMT_GRAY12;
    case 14:
      return AV_PIX_FMT_GRAY14;
    case 16:
      return AV_PIX_FMT_GRAY16;
    default:
      throw Error(ExitCode::bug, "a frame of an unknown depth is to be sharpened");
  }
}

/// The brightness of a frame, as a frame over the same memory.
media::FramePtr brightness_of(AVFrame& frame) {
  media::FramePtr plane = media::make_frame();
  plane->format = grey_of(frame);
  plane->width = frame.width;
  plane->height = frame.height;
  plane->data[0] = frame.data[0];
  plane->linesize[0] = frame.linesize[0];
  const media::Colour colour =
      media::resolved(media::colour_of(frame), static_cast<AVPixelFormat>(frame.format),
                      {frame.width, frame.height});
  media::tag(*plane, colour);
  return plane;
}

engine::Plane<float> plane_of(AVFrame& brightness) {
  return {reinterpret_cast<float*>(brightness.data[0]),
          static_cast<std::size_t>(brightness.linesize[0]) / sizeof(float),
          {brightness.width, brightness.height}};
}

double times(Size full, Size size) {
  return std::max(static_cast<double>(full.width) / size.width,
                  static_cast<double>(full.height) / size.height);
}

}  // namespace

media::FramePtr unpainted(const AVFrame& source, const media::OutputPlan& plan,
                          media::ColourConverter& converter) {
  media::FramePtr frame = empty_frame(source, plan);
  converter.convert(source, *frame);
  return frame;
}

bool needs_enlarging(Size work, Size full) { return times(full, work) > kScaled; }

media::FramePtr FrameFinisher::finish(const AVFrame& source, const Picture& painted) {
  media::FramePtr frame = empty_frame(source, plan_);
  write(painted, *frame);
  const bool alpha = (description_of(*frame).flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
  if (mix_.strength < 1.0 || mix_.keep_colour || alpha) {
    const media::FramePtr original = unpainted(source, plan_, converter_);
    media::blend(*original, *frame, mix_.strength, mix_.keep_colour);
  }
  return frame;
}

void FrameFinisher::write(const Picture& painted, AVFrame& frame) {
  if (enlarger_ == nullptr) {
    converter_.from_picture(painted, frame);
    return;
  }
  if ((description_of(frame).flags & AV_PIX_FMT_FLAG_RGB) == 0) {
    enlarge(painted, frame);
    return;
  }
  // RGB has no plane of brightness: by way of a format that has one and loses nothing.
  const media::FramePtr apart =
      media::make_picture_frame(AV_PIX_FMT_YUV444P16, frame.width, frame.height);
  media::Colour colour = media::colour_of(frame);
  colour.matrix = AVCOL_SPC_BT709;
  colour.range = AVCOL_RANGE_JPEG;
  media::tag(*apart, colour);
  enlarge(painted, *apart);
  converter_.convert(*apart, frame);
}

/// Colours are scaled; they are looked at, and mostly stored, in less detail than brightness.
void FrameFinisher::enlarge(const Picture& painted, AVFrame& frame) {
  converter_.from_picture(painted, frame);
  sharpen(painted, frame);
}

void FrameFinisher::sharpen(const Picture& painted, AVFrame& frame) {
  const media::FramePtr target = brightness_of(frame);
  const Size full{frame.width, frame.height};
  const auto plane = [&](std::size_t step, Size size) -> AVFrame& {
    if (step == brightness_.size()) {
      brightness_.push_back(media::make_picture_frame(AV_PIX_FMT_GRAYF32, size.width, size.height));
      media::Colour colour = media::colour_of(*target);
      colour.range = AVCOL_RANGE_JPEG;
      media::tag(*brightness_.back(), colour);
    }
    return *brightness_[step];
  };
  std::size_t step = 0;
  Size size = painted.size();
  to_brightness_.from_picture(painted, plane(0, size));
  while (times(full, size) > kScaled && size.width <= kMostEnlarged) {
    size = {size.width * engine::Enlarger::kFactor, size.height * engine::Enlarger::kFactor};
    const engine::Plane<float> from = plane_of(*brightness_[step]);
    enlarger_->enlarge({from.data, from.stride, from.size}, plane_of(plane(++step, size)));
  }
  from_brightness_.convert(*brightness_[step], *target);
}

}  // namespace impasto::job
