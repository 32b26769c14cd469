#include "job/paint_in_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/error.h"
#include "job/estimate.h"
#include "job/join.h"
#include "job/make_plan.h"
#include "job/work.h"
#include "store/local_lock.h"
#include "store/remote_uri.h"
#include "store/store.h"

namespace impasto::job {
namespace {

using Clock = std::chrono::steady_clock;

std::string folder_beside(const std::string& output) {
  const std::size_t name = output.rfind('/') == std::string::npos ? 0 : output.rfind('/') + 1;
  return output.substr(0, name) + "." + output.substr(name) + ".impasto";
}

/// The job beside an output, for this process alone. Without a plan nothing is worth keeping. In an
/// object store there are no locks that end with their process, and none is needed: segments are
/// told apart by what they are made of, so two processes at worst paint the same bytes twice.
class JobBeside {
 public:
  explicit JobBeside(const std::string& output) : folder_(folder_beside(output)) {
    if (store::is_remote(output)) {
      return;
    }
    lock_ = store::LocalLock::take(folder_.uri() + "/lock");
    if (!lock_) {
      throw Error(ExitCode::unavailable, "'" + output +
                                             "' is being painted by another process; wait for it, "
                                             "or choose another output");
    }
  }
  JobBeside(const JobBeside&) = delete;
  JobBeside& operator=(const JobBeside&) = delete;
  ~JobBeside() {
    try {
      if (!folder_.has_plan()) {
        remove();
      }
    } catch (const Error&) {
      return;  // what stays does no harm
    }
  }

  [[nodiscard]] const JobFolder& folder() const { return folder_; }
  void begin_anew() const { folder_.remove(); }
  void remove() const { store::for_uri(folder_.uri()).remove(folder_.uri()); }

 private:
  JobFolder folder_;
  std::optional<store::LocalLock> lock_;
};

/// A frame out of the middle of each part of the film, as the source and the result show it.
void show_moments(const media::Reader& reader, const std::string& input, const std::string& output,
                  const PaintOptions& options, ContactSheet& sheet) {
  const media::Seconds begin = options.start.value_or(media::Seconds(0));
  for (std::size_t i = 0; i < ContactSheet::kMoments; ++i) {
    const media::Seconds moment =
        reader.video().duration * (static_cast<double>(i) + 0.5) / ContactSheet::kMoments;
    media::ReaderOptions reading;
    reading.frames_only = true;
    reading.start = begin + moment;
    const media::Reader source(store::for_uri(input).open(input), reading);
    reading.start = moment;
    const media::Reader painted(store::for_uri(output).open(output), reading);
    sheet.offer(source.first_frame(), painted.first_frame());
  }
}

/// Frames of segments that are there; says how many that are.
std::int64_t frames_there(const JobFolder& job, const Plan& plan, Progress& progress) {
  const JobContents there = job.contents(plan);
  const std::size_t done = there.count_painted();
  std::int64_t frames = 0;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    frames += there.painted[i] ? plan.segments[i].frames : 0;
  }
  if (done > 0) {
    progress.note(fmt::format("{} of {} segments of {} were painted before and are kept", done,
                              plan.segments.size(), plan.output));
  }
  return frames;
}

/// Tells what a film of some length will take, and refuses it where there is no room for it. Others
/// are through before that would be known.
void foresee(const JobFolder& job, const Plan& plan, std::int64_t kept, const PaintOptions& options,
             Progress& progress) {
  constexpr std::int64_t kFrames = 1500;
  if (static_cast<std::int64_t>(plan.times.size()) - kept < kFrames) {
    return;
  }
  if (const auto expected = estimate(job, plan, options.threads, progress)) {
    progress.note(fmt::format("{}: {} frames in {} segments, {}", plan.output, expected->frames,
                              expected->segments, to_string(*expected)));
    check_room(*expected, job, plan);
  }
}

void refuse_failures(const WorkReport& worked, const Plan& plan, const PaintOptions& options) {
  if (worked.failed.size() > options.error_threshold) {
    const FailedSegment& first = worked.failed.front();
    throw Error(first.code, fmt::format("{} of {} segments of '{}' could not be painted; segment "
                                        "{}: {}; the others are kept for the next run",
                                        worked.failed.size(), plan.segments.size(), plan.output,
                                        first.number, first.why));
  }
}

PaintReport report_of(const media::Reader& reader, const Plan& plan, const WorkReport& worked,
                      const JoinReport& joined) {
  PaintReport report;
  report.video = reader.video();
  report.counts.frames = static_cast<std::int64_t>(plan.times.size());
  report.verification = joined.verification;
  report.work = worked.work;
  report.size = joined.size;
  report.encoder = joined.encoder;
  report.format = joined.format;
  report.painter = worked.painter;
  report.precision = plan.film.precision;
  report.stretches = plan.stretches;
  report.losses = joined.losses;
  report.notes = joined.notes;
  for (const auto& [number, why] : joined.unpainted) {
    report.warnings.push_back(fmt::format("segment {} is shown unpainted: {}", number, why));
  }
  return report;
}

}  // namespace

bool is_worth_segments(const media::VideoInfo& video) {
  constexpr double kSeconds = 12;  // as long as one segment may be, and a little more
  return !video.still && !video.truncated && video.duration.count() >= kSeconds;
}

std::optional<PaintReport> paint_in_segments(const media::Reader& reader, const std::string& input,
                                             const std::string& output, const PaintOptions& options,
                                             ContactSheet* sheet, Progress& progress) {
  const Clock::time_point start = Clock::now();
  const JobBeside beside(output);
  const JobFolder& job = beside.folder();
  if (options.fresh) {
    beside.begin_anew();
  }
  try {
    const Plan plan = make_plan(input, output, options, job, "", progress);
    if (plan.segments.size() < 2 || !plan.damage.empty()) {
      beside.remove();
      return std::nullopt;
    }
    const std::int64_t kept = frames_there(job, plan, progress);
    foresee(job, plan, kept, options, progress);
    WorkOptions working;
    working.title = output;
    working.retries = options.retries;
    working.anew = true;  // whoever runs the command again wants it tried again
    working.crew = options.crew;
    working.crew.threads = options.threads;
    const double until_painting = std::chrono::duration<double>(Clock::now() - start).count();
    WorkReport worked = work(job, working, progress);
    refuse_failures(worked, plan, options);
    if (worked.painter.backend.empty()) {  // all was painted before
      if (const auto status = job.read_status(plan, 0)) {
        worked.painter = status->painter;
        worked.work = status->work;
      }
    }
    PaintReport report =
        report_of(reader, plan, worked, join(job, options.error_threshold, progress));
    report.kept = kept;
    report.seconds_to_paint = until_painting;
    if (sheet != nullptr) {
      show_moments(reader, input, output, options, *sheet);
    }
    beside.remove();
    return report;
  } catch (const Error& error) {
    if (error.code() == ExitCode::interrupted && job.has_plan()) {
      throw Error(ExitCode::interrupted, "stopped on request; what is painted of '" + output +
                                             "' is kept in '" + job.uri() +
                                             "', and the same command goes on from there");
    }
    throw;
  }
}

}  // namespace impasto::job
