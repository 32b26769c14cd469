#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/enlarger.h"
#include "job/file_cache.h"
#include "job/film_painter.h"
#include "job/job_folder.h"
#include "job/paint_event.h"
#include "job/plan.h"
#include "media/output_plan.h"
#include "store/store.h"

namespace impasto::job {

/// Paints segments of one job, one after the other, in this process; keeps the compiled network in
/// between.
class SegmentWorker {
 public:
  /// `threads`: of the painter and the decoder; 0: all. Throws like the plan's reading and the
  /// input's opening.
  SegmentWorker(JobFolder job, int threads);

  /// Compiles the network, which painting would do otherwise. Throws like engine::make_painter().
  const engine::PainterInfo& painter();
  [[nodiscard]] Size worked_at() const { return work_; }

  /// Paints and encodes a segment and puts it into the job, whole. `done` hears of each frame, and
  /// of those that steadying begins with as of none.
  /// An interrupt throws Error(interrupted), and nothing is left of it.
  void paint(std::size_t number, const std::function<void(std::int64_t frames)>& done);
  /// Paints and encodes a few frames of a segment and keeps nothing of them.
  Trial try_out(std::size_t number);
  /// Encodes a segment's frames as they are in the source, to stand for one that cannot be painted.
  void leave_unpainted(std::size_t number, const std::function<void(std::int64_t frames)>& done);

 private:
  [[nodiscard]] media::Reader open_segment(const Segment& segment) const;
  std::int64_t paint_frames(media::Reader& reader, const Segment& segment, store::Sink& sink,
                            const std::function<void(std::int64_t frames)>& done);
  void expect_frames(std::size_t number, std::int64_t frames) const;

  JobFolder job_;
  int threads_;
  Plan plan_;
  std::shared_ptr<store::Source> source_;
  FileCache nets_;              ///< Styles of jobs in object stores.
  std::int64_t first_pts_ = 0;  ///< Of what is painted.
  media::OutputPlan output_;
  Size full_;
  Size work_;
  std::unique_ptr<engine::Enlarger> enlarger_;
  std::unique_ptr<FilmPainter> painter_;
};

}  // namespace impasto::job
