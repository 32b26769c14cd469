#pragma once

#include <vector>

#include "base/picture.h"
#include "engine/enlarger.h"
#include "media/av.h"
#include "media/colour.h"
#include "media/output_plan.h"

namespace impasto::job {

/// How a painting is mixed with its source.
struct Mix {
  double strength = 1.0;     ///< 0: the source, 1: the painting.
  bool keep_colour = false;  ///< Brightness of the painting, colours of the source.
};

/// The source brought into the plan's work format and size, unpainted.
media::FramePtr unpainted(const AVFrame& source, const media::OutputPlan& plan,
                          media::ColourConverter& converter);

/// True when a picture of size `work` is smaller than one of size `full` by so much that it has to
/// be enlarged sharply, and not just scaled.
bool needs_enlarging(Size work, Size full);

/// Makes frames for the encoder of paintings: brought to the frame's size and format, mixed with
/// the source. Keeps its buffers between frames; one object a thread.
class FrameFinisher {
 public:
  /// `enlarger`: of a size that needs it; null where paintings do not need it.
  FrameFinisher(const media::OutputPlan& plan, const Mix& mix, engine::Enlarger* enlarger)
      : plan_(plan), mix_(mix), enlarger_(enlarger) {}

  /// A frame in the plan's work format, size and colour tags, with the source's times and side data
  /// (captions, mastering data).
  media::FramePtr finish(const AVFrame& source, const Picture& painted);

 private:
  void write(const Picture& painted, AVFrame& frame);
  void enlarge(const Picture& painted, AVFrame& frame);
  void sharpen(const Picture& painted, AVFrame& frame);

  const media::OutputPlan& plan_;
  Mix mix_;
  engine::Enlarger* enlarger_;
  media::ColourConverter converter_;
  media::ColourConverter to_brightness_;
  media::ColourConverter from_brightness_;
  std::vector<media::FramePtr> brightness_;  ///< Of a painting, each twice as large as the last.
};

}  // namespace impasto::job
