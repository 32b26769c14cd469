#include "job/frame_painter.h"

#include <memory>
#include <utility>

namespace impasto::job {

Size picture_size(const media::OutputPlan& plan, AVPixelFormat source, Size source_size) {
  const Size size = media::even_for(plan.work_format, plan.format.size);
  const bool scaled = size.width - source_size.width > 1 || source_size.width > size.width ||
                      size.height - source_size.height > 1 || source_size.height > size.height;
  return scaled ? size : media::even_for(source, size);
}

FramePainter::FramePainter(const FramePainterParts& parts)
    : painter_(parts.painter),
      steadying_(parts.steadying),
      in_(parts.work),
      out_(steadying_ == nullptr ? parts.work : Size()),
      finisher_(parts.plan, parts.mix, parts.enlarger),
      later_finisher_(parts.plan, parts.mix, parts.enlarger) {}

Unfinished FramePainter::paint(const AVFrame& source, const network::Code& code) {
  if (steadying_ != nullptr) {
    return paint_steadily(source, code);
  }
  converter_.to_picture(source, in_);
  in_.mirror_into_margin();
  painter_.paint(in_, out_, source.pts, code);
  // std::function wants what can be copied.
  auto frame = std::make_shared<media::FramePtr>(finisher_.finish(source, out_));
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
    return later_finisher_.finish(*original, *steady);
  };
}

}  // namespace impasto::job
