#pragma once

#include "base/picture.h"
#include "engine/enlarger.h"
#include "job/film_painter.h"
#include "job/frame_finisher.h"
#include "job/pipeline.h"
#include "job/steadying.h"
#include "media/av.h"
#include "media/colour.h"
#include "media/output_plan.h"
#include "network/code.h"

namespace impasto::job {

/// The size of the float picture that frames of this plan are painted as: even where the source or
/// the output share chroma between pixels.
Size picture_size(const media::OutputPlan& plan, AVPixelFormat source, Size source_size);

/// What a frame painter works with; all of it outlives it.
struct FramePainterParts {
  FilmPainter& painter;
  const media::OutputPlan& plan;
  Mix mix;
  Size work;                             ///< That the painter paints at.
  engine::Enlarger* enlarger = nullptr;  ///< Where `work` needs it (needs_enlarging()).
  Steadying* steadying = nullptr;        ///< For pictures of size `work`; null: none.
};

/// Takes one decoded frame to one frame for the encoder: to float RGB of the size to work at,
/// through the network, with `steadying` blended with the frame before, and finished. Keeps its
/// buffers between frames; one object a thread.
class FramePainter {
 public:
  explicit FramePainter(const FramePainterParts& parts);

  /// `source` upright and planar; `code` for a base painter, else empty. What is given back makes
  /// the frame for the encoder, as FrameFinisher does. It is called in the order of the frames, or
  /// not at all; by then this painter may be at another frame.
  Unfinished paint(const AVFrame& source, const network::Code& code = {});

 private:
  Unfinished paint_steadily(const AVFrame& source, const network::Code& code);

  FilmPainter& painter_;
  Steadying* steadying_;
  Picture in_;
  Picture out_;
  media::ColourConverter converter_;
  FrameFinisher finisher_;
  /// For what is finished in order, on one thread, while this object is at the next frame.
  FrameFinisher later_finisher_;
};

}  // namespace impasto::job
