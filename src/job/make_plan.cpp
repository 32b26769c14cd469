#include "job/make_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/processors.h"
#include "base/sha256.h"
#include "job/atelier.h"
#include "job/calibrations.h"
#include "job/damage.h"
#include "job/frame_painter.h"
#include "job/job_log.h"
#include "job/option_words.h"
#include "job/paint.h"
#include "job/planned_input.h"
#include "job/work_size.h"
#include "media/memory_sink.h"
#include "media/planar.h"
#include "media/rehearsal.h"
#include "store/store.h"
#include "temporal/steadier.h"

namespace impasto::job {
namespace {

/// Collects what segments are cut by, and how long frames are shown.
class FrameList {
 public:
  void see(const AVFrame& frame) {
    end_last(frame.pts);
    film_.times.push_back(frame.pts);
    if (frame.key_frame != 0) {
      film_.keys.push_back(frame.pts);
    }
    last_duration_ = frame.pkt_duration;
  }

  /// The film has ended.
  FilmFrames end() {
    film_.until = film_.times.back() + std::max<std::int64_t>(1, last_duration_);
    end_last(film_.until);
    return film_;
  }

  [[nodiscard]] bool empty() const { return film_.times.empty(); }
  /// Those that differ from the way to the next frame.
  [[nodiscard]] const auto& durations() const { return durations_; }

 private:
  void end_last(std::int64_t next) {
    if (!film_.times.empty() && last_duration_ != next - film_.times.back()) {
      durations_.emplace_back(film_.times.back(), last_duration_);
    }
  }

  FilmFrames film_;
  std::int64_t last_duration_ = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> durations_;
};

void refuse_losses(const media::OutputPlan& plan, const std::string& output) {
  std::string all;
  for (const std::string& loss : plan.losses) {
    all += (all.empty() ? "" : "; ") + loss;
  }
  throw Error(ExitCode::bad_input,
              "'" + output + "' would not hold everything, and --strict was asked for: " + all +
                  "; choose another container (.mkv holds most)");
}

/// The job's plan where it was made for the same request; with its wishes about what is there.
std::optional<Plan> kept_plan(const JobFolder& job, const Plan& wanted) {
  if (!job.has_plan()) {
    return std::nullopt;
  }
  try {
    Plan kept = job.read_plan();
    if (!same_request(kept, wanted)) {
      return std::nullopt;
    }
    kept.options.overwrite = wanted.options.overwrite;
    kept.options.strict = wanted.options.strict;
    return kept;
  } catch (const Error&) {
    return std::nullopt;  // of another version, or no plan at all
  }
}

}  // namespace

Plan make_plan(const std::string& input, const std::string& output, const PaintOptions& options,
               const JobFolder& job, const std::string& data, Progress& progress) {
  const std::shared_ptr<store::Source> source = store::for_uri(input).open(input);
  media::ReaderOptions reading;
  reading.start = options.start;
  reading.duration = options.duration;
  reading.threads = options.threads;
  const media::Reader reader(source, reading);
  const media::VideoInfo& video = reader.video();

  Plan plan;
  plan.program = std::string("impasto ") + IMPASTO_VERSION;
  plan.input = planned_input(*source);
  plan.output = output;
  plan.data = data.empty() ? "" : job.own_folder_in(data);
  plan.time_base = video.time_base;
  plan.options = options;
  plan.options.style.clear();
  plan.options.style_keys.clear();
  plan.options.encode.threads = options.threads > 0 ? options.threads : usable_processors();

  const Size size =
      options.size.empty() ? Size{} : parse_size(options.size, video.size, video.sample_aspect);
  media::OutputPlan laid_out = media::plan_output(reader, output, plan.options.encode, size);
  {
    media::ColourConverter converter;
    const media::FramePtr first =
        media::packed(unpainted(reader.first_frame(), laid_out, converter), laid_out.format.format);
    media::rehearse(laid_out, reader, *first, source);
  }
  if (options.strict && !laid_out.losses.empty()) {
    refuse_losses(laid_out, output);
  }
  for (const std::string& note : laid_out.notes) {
    progress.note(note);
  }
  for (const std::string& loss : laid_out.losses) {
    progress.note("warning: " + loss);
  }

  Atelier atelier(cache_folder());
  style::Style style;
  if (options.style_keys.empty()) {
    style = atelier.style(options.style);
  } else {
    TimedStyles timed = atelier.styles_over_time(options.style_keys);
    style = std::move(timed.painter);
    plan.style.keys = std::move(timed.keys);
  }
  plan.style.name = style.name;
  plan.style.title = style.title;
  plan.style.sha256 = style.sha256;

  if (std::optional<Plan> kept = kept_plan(job, plan)) {
    job.write_wishes(*kept);
    return *std::move(kept);
  }

  const Size full = picture_size(laid_out, video.format, video.size);
  const Size work = work_size(full, laid_out.format.sample_aspect, options.stroke);
  engine::PainterOptions painting{options.device, options.precision, options.threads,
                                  canvas_for(work), cache_folder()};
  painting.tile_pixels = parse_tile(options.tile);
  FrameList list;
  const FrameObserver also = [&](const AVFrame& frame) { list.see(frame); };
  const bool live = options.live_norm || !plan.style.keys.empty();
  if (!live) {
    plan.film = calibration_of(source, reading, style, work, painting, progress, also,
                               [&](const media::Reader& read) { plan.damage = damage_of(read); });
  }
  if (list.empty()) {
    reading.frames_only = true;
    media::Reader again(source, reading);
    plan.film.cuts = find_cuts(again, "looking at " + input, progress, also);
    plan.damage = damage_of(again);
  }
  FilmFrames film = list.end();
  film.cuts = plan.film.cuts;
  film.second = std::max<std::int64_t>(1, av_rescale_q(1, {1, 1}, plan.time_base));
  film.interlaced = video.interlaced;
  plan.segments =
      segments_of(film, options.stability > 0 ? temporal::warm_up_frames(options.stability) : 0);
  plan.times = std::move(film.times);
  plan.durations = list.durations();

  if (!plan.film.stretches.empty()) {
    constexpr std::size_t kLetters = 16;
    plan.stretches = plan.film.stretches.size();
    plan.calibration = fmt::format("calibration-{}.jsonl",
                                   sha256(to_lines(plan.film.stretches)).substr(0, kLetters));
  }
  const std::vector<std::string> keys = segment_keys(plan);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    plan.segments[i].key = keys[i];
  }
  job.write_plan(plan, store::read_all(style.file.string()));
  job.remove_strangers(plan);
  JobLog log(job, "plan");
  log.info(fmt::format("'{}' is planned: {} frames in {} segments, {} stretches", input,
                       plan.times.size(), plan.segments.size(), plan.stretches));
  log.write();
  return plan;
}

}  // namespace impasto::job
