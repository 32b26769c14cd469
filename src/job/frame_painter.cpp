#include "job/frame_painter.h"

#include <memory>
#include <new>
#include <utility>

#include "media/blend.h"

namespace impasto::job {
namespace {

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

}  // namespace

Size picture_size(const media::OutputPlan& plan, AVPixelFormat source, Size source_size) {
  const Size size = media::even_for(plan.work_format, plan.format.size);
  const bool scaled = size.width - source_size.width > 1 || source_size.width > size.width ||
                      size.height - source_size.height > 1 || source_size.height > size.height;
  return scaled ? size : media::even_for(source, size);
}

FramePainter::FramePainter(FilmPainter& painter, const media::OutputPlan& plan, const Mix& mix,
                           Size picture, Steadying* steadying)
    : painter_(painter),
      plan_(plan),
      mix_(mix),
      steadying_(steadying),
      in_(picture),
      out_(steadying == nullptr ? picture : Size()) {}

media::FramePtr unpainted(const AVFrame& source, const media::OutputPlan& plan,
                          media::ColourConverter& converter) {
  media::FramePtr frame = empty_frame(source, plan);
  converter.convert(source, *frame);
  return frame;
}

Unfinished FramePainter::paint(const AVFrame& source, const network::Code& code) {
  if (steadying_ != nullptr) {
    return paint_steadily(source, code);
  }
  converter_.to_picture(source, in_);
  in_.mirror_into_margin();
  painter_.paint(in_, out_, source.pts, code);
  // std::function wants what can be copied.
  auto frame = std::make_shared<media::FramePtr>(finished(source, out_, converter_));
  return [frame] { return std::move(*frame); };
}

Unfinished FramePainter::paint_steadily(const AVFrame& source, const network::Code& code) {
  Steadying::Guided guided(*steadying_, source.pts);
  converter_.to_picture(source, in_);
  const auto guide = guided.make(in_);
  in_.mirror_into_margin();
  auto painted = std::make_shared<Picture>(in_.size());
  painter_.paint(in_, *painted, source.pts, code);
  const std::shared_ptr<const AVFrame> original = media::share(source);
  return [this, original, guide, painted] {
    const auto steady = steadying_->blend(guide.get(), std::move(*painted));
    return finished(*original, *steady, finishing_);
  };
}

media::FramePtr FramePainter::finished(const AVFrame& source, const Picture& picture,
                                       media::ColourConverter& converter) const {
  media::FramePtr painted = empty_frame(source, plan_);
  converter.from_picture(picture, *painted);
  const bool alpha = (av_pix_fmt_desc_get(plan_.work_format)->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
  if (mix_.strength < 1.0 || mix_.keep_colour || alpha) {
    const media::FramePtr original = unpainted(source, plan_, converter);
    media::blend(*original, *painted, mix_.strength, mix_.keep_colour);
  }
  return painted;
}

}  // namespace impasto::job
