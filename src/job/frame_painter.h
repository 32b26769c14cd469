#pragma once

#include "base/picture.h"
#include "job/film_painter.h"
#include "job/pipeline.h"
#include "job/steadying.h"
#include "media/av.h"
#include "media/colour.h"
#include "media/output_plan.h"
#include "media/planar.h"
#include "network/code.h"

namespace impasto::job {

/// How a painting is mixed with its source.
struct Mix {
  double strength = 1.0;     ///< 0: the source, 1: the painting.
  bool keep_colour = false;  ///< Brightness of the painting, colours of the source.
};

/// The size of the float picture that frames of this plan are painted as: even where the source or
/// the output share chroma between pixels.
Size picture_size(const media::OutputPlan& plan, AVPixelFormat source, Size source_size);

/// The source brought into the plan's work format and size, unpainted.
media::FramePtr unpainted(const AVFrame& source, const media::OutputPlan& plan,
                          media::ColourConverter& converter);

/// Takes one decoded frame to one frame for the encoder: to float RGB, through the network, with
/// `steadying` blended with the frame before, back, mixed with the source. Keeps its buffers
/// between frames; one object a thread.
class FramePainter {
 public:
  FramePainter(FilmPainter& painter, const media::OutputPlan& plan, const Mix& mix, Size picture,
               Steadying* steadying = nullptr);

  /// `source` upright and planar; `code` for a base painter, else empty. What is given back makes
  /// the frame for the encoder: in the plan's work format, size and colour tags, with the source's
  /// times and side data (captions, mastering data). It is called in the order of the frames, or
  /// not at all; by then this painter may be at another frame.
  Unfinished paint(const AVFrame& source, const network::Code& code = {});

 private:
  [[nodiscard]] media::FramePtr finished(const AVFrame& source, const Picture& painted,
                                         media::ColourConverter& converter) const;
  Unfinished paint_steadily(const AVFrame& source, const network::Code& code);

  FilmPainter& painter_;
  const media::OutputPlan& plan_;
  Mix mix_;
  Steadying* steadying_;
  Picture in_;
  Picture out_;
  media::ColourConverter converter_;
  /// For what is finished in order, on one thread, while this object is at the next frame.
  media::ColourConverter finishing_;
};

}  // namespace impasto::job
