#include "job/paint.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "job/calibrate_film.h"
#include "job/calibrations.h"
#include "job/contact_sheet.h"
#include "job/damage.h"
#include "job/option_words.h"
#include "job/paint_in_segments.h"
#include "job/pipeline.h"
#include "job/video_out.h"
#include "job/work_size.h"
#include "media/memory_sink.h"
#include "media/rehearsal.h"
#include "media/still_png.h"
#include "network/models.h"
#include "store/store.h"

namespace impasto::job {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Everything a run of the pipeline needs, one for each worker.
std::vector<std::unique_ptr<FramePainter>> make_workers(const FramePainterParts& parts) {
  std::vector<std::unique_ptr<FramePainter>> workers;
  for (int i = 0; i < std::max(1, parts.painter.info().concurrency); ++i) {
    workers.push_back(std::make_unique<FramePainter>(parts));
  }
  return workers;
}

}  // namespace

std::string cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') {
    return std::string(cache) + "/impasto";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? std::string(home) + "/.cache/impasto" : "";
}

PaintSession::PaintSession(PaintOptions options, Progress& progress)
    : options_(std::move(options)), progress_(progress), atelier_(cache_folder()) {
  if (options_.style_keys.empty()) {
    style_ = atelier_.style(options_.style);
  } else {
    TimedStyles timed = atelier_.styles_over_time(options_.style_keys);
    style_ = std::move(timed.painter);
    keys_ = std::move(timed.keys);
  }
  if (!options_.preview.empty()) {
    media::check_sheet_name(options_.preview);
  }
  parse_tile(options_.tile);  // refuses before anything is read
}

engine::PainterOptions PaintSession::painter_options(Size picture) const {
  engine::PainterOptions options{options_.device, options_.precision, options_.threads,
                                 canvas_for(picture), cache_folder()};
  options.tile_pixels = parse_tile(options_.tile);
  return options;
}

FilmPainter& PaintSession::live_painter(Size picture) {
  const Size canvas = canvas_for(picture);
  if (!painter_ || canvas != canvas_) {
    painter_.reset();  // two compiled networks at once would double the memory
    engine::PainterOptions options = painter_options(picture);
    if (options_.tile == "auto") {
      options.tile_pixels = 0;
    }
    painter_ = std::make_unique<FilmPainter>(style_.file, options, FilmCalibration());
    canvas_ = canvas;
  }
  return *painter_;
}

FilmPainter& PaintSession::still_painter(const AVFrame& frame, Size picture) {
  const engine::PainterOptions options = painter_options(picture);
  const long long pixels = static_cast<long long>(picture.width) * picture.height;
  const bool at_once = options.tile_pixels == 0 || pixels <= options.tile_pixels;
  if (options_.live_norm || !keys_.empty() || (at_once && options_.precision != "int8")) {
    return live_painter(picture);
  }
  canvas_ = {};
  painter_ = std::make_unique<FilmPainter>(style_.file, options,
                                           calibrate_picture(frame, picture, style_.file, options));
  return *painter_;
}

FilmPainter& PaintSession::calibrated_painter(const std::shared_ptr<store::Source>& source,
                                              Size picture) {
  painter_.reset();
  canvas_ = {};
  const engine::PainterOptions options = painter_options(picture);
  painter_ = std::make_unique<FilmPainter>(
      style_.file, options,
      calibration_of(source, reader_options(), style_, picture, options, progress_));
  return *painter_;
}

std::vector<std::int64_t> PaintSession::cuts_of(const FilmCalibration& film,
                                                const std::shared_ptr<store::Source>& source) {
  if (!film.stretches.empty()) {
    return film.cuts;
  }
  media::ReaderOptions reading = reader_options();
  reading.frames_only = true;
  media::Reader reader(source, reading);
  return find_cuts(reader, "looking at " + source->uri(), progress_);
}

engine::Enlarger& PaintSession::enlarger() {
  if (!enlarger_) {
    enlarger_ = engine::make_enlarger(network::find_model(network::kEnlargerFile),
                                      painter_options(kStrokeSize));
  }
  return *enlarger_;
}

media::ReaderOptions PaintSession::reader_options() const {
  media::ReaderOptions reading;
  reading.start = options_.start;
  reading.duration = options_.duration;
  reading.threads = options_.threads;
  return reading;
}

void PaintSession::announce(const media::OutputPlan& plan) const {
  for (const std::string& note : plan.notes) {
    progress_.note(note);
  }
  for (const std::string& loss : plan.losses) {
    progress_.note("warning: " + loss);
  }
}

void PaintSession::refuse_losses(const media::OutputPlan& plan, const std::string& output) const {
  if (options_.strict && !plan.losses.empty()) {
    std::string sentence =
        "'" + output + "' would not hold everything, and --strict was asked for: ";
    for (std::size_t i = 0; i < plan.losses.size(); ++i) {
      sentence += (i > 0 ? "; " : "") + plan.losses[i];
    }
    throw Error(ExitCode::bad_input, sentence + "; choose another container (.mkv holds most)");
  }
}

PaintReport PaintSession::paint(const std::string& input, const std::string& output) {
  const Clock::time_point start = Clock::now();
  const std::shared_ptr<store::Source> source = store::for_uri(input).open(input);
  media::ReaderOptions reading = reader_options();
  reading.frames_only = media::is_still_output(output);
  media::Reader reader(source, reading);
  if (options_.strict && reader.video().truncated) {
    throw Error(ExitCode::bad_input, "'" + input +
                                         "' was cut off: its index points past its end, and "
                                         "--strict was asked for; copy it again");
  }
  std::unique_ptr<store::Sink> sink = store::for_uri(output).create(output, options_.overwrite);
  sheet_sink_ = options_.preview.empty()
                    ? nullptr
                    : store::for_uri(options_.preview).create(options_.preview, options_.overwrite);
  announced_ = false;
  const bool still = media::is_still_output(output);
  if (!still && is_worth_segments(reader.video())) {
    if (std::optional<PaintReport> report = paint_long(reader, input, output)) {
      finish_report(*report, input, output, start);
      return *std::move(report);
    }
  }
  PaintReport report = still ? paint_still(reader, *sink) : paint_video(reader, source, *sink);
  report.video = reader.video();
  report.counts = reader.counts();
  report.painter = painter_->info();
  report.precision = painter_->film().precision;
  report.stretches = painter_->film().stretches.size();
  report.warnings = damage_of(reader);
  const std::vector<std::string>& problems = report.verification.problems;
  if (options_.strict && (!problems.empty() || !report.warnings.empty())) {
    throw Error(ExitCode::bad_input,
                "'" + output + "' is not written, since --strict was asked for: " +
                    (problems.empty() ? report.warnings.front() : problems.front()));
  }
  throw_if_interrupted();
  sink->commit();
  finish_report(report, input, output, start);
  return report;
}

void PaintSession::finish_report(PaintReport& report, const std::string& input,
                                 const std::string& output, Clock::time_point start) const {
  report.input = input;
  report.output = output;
  report.style = style_.name;
  report.style_sha256 = style_.sha256;
  report.seconds = seconds_since(start);
  for (const std::string& warning : report.warnings) {
    progress_.note("warning: " + warning);
  }
  for (const std::string& problem : report.verification.problems) {
    progress_.note("warning: " + problem);
  }
}

std::optional<PaintReport> PaintSession::paint_long(const media::Reader& reader,
                                                    const std::string& input,
                                                    const std::string& output) {
  painter_.reset();  // a worker makes its own
  canvas_ = {};
  std::optional<ContactSheet> sheet;
  if (sheet_sink_) {
    sheet.emplace(reader.video(), reader.first_frame().pts);
  }
  std::optional<PaintReport> report =
      paint_in_segments(reader, input, output, options_, sheet ? &*sheet : nullptr, progress_);
  announced_ = !report;
  if (report && sheet) {
    sheet->write(*sheet_sink_, style_.title.empty() ? style_.name : style_.title);
  }
  return report;
}

PaintReport PaintSession::paint_video(media::Reader& reader,
                                      const std::shared_ptr<store::Source>& source,
                                      store::Sink& sink) {
  const Clock::time_point start = Clock::now();
  const media::VideoInfo& video = reader.video();
  const Size size =
      options_.size.empty() ? Size{} : parse_size(options_.size, video.size, video.sample_aspect);
  media::EncodeOptions encode = options_.encode;
  encode.threads = options_.threads;
  media::OutputPlan plan = media::plan_output(reader, sink.uri(), encode, size);
  {
    media::ColourConverter converter;
    const media::FramePtr first =
        media::packed(unpainted(reader.first_frame(), plan, converter), plan.format.format);
    media::rehearse(plan, reader, *first, source);
  }
  refuse_losses(plan, sink.uri());
  if (!announced_) {
    announce(plan);
  }

  const Size full = picture_size(plan, video.format, video.size);
  const Size work = work_size(full, plan.format.sample_aspect, options_.stroke);
  engine::Enlarger* sharp = needs_enlarging(work, full) ? &enlarger() : nullptr;
  // A base painter's codes change from frame to frame, and so does what its norms see.
  const bool live = options_.live_norm || !keys_.empty();
  FilmPainter& painter = live ? live_painter(work) : calibrated_painter(source, work);
  const bool changes_at_cuts = !keys_.empty() && options_.style_fade.kind == StyleFade::Kind::shot;
  const std::vector<std::int64_t> cuts = options_.stability > 0 || changes_at_cuts
                                             ? cuts_of(painter.film(), source)
                                             : std::vector<std::int64_t>();
  std::optional<Steadying> steadying;
  if (options_.stability > 0) {
    steadying.emplace(options_.stability, work, cuts);
  }
  const auto workers =
      make_workers({painter, plan, options_.mix, work, sharp, steadying ? &*steadying : nullptr});
  VideoOut out(plan, sink, reader.format());
  std::optional<ContactSheet> sheet;
  const std::int64_t first_pts = reader.first_frame().pts;
  if (!options_.preview.empty()) {
    sheet.emplace(video, first_pts);
  }

  const auto time_of = [&](std::int64_t pts) {
    return media::Seconds(static_cast<double>(pts - first_pts) * av_q2d(video.time_base));
  };
  std::optional<StyleSchedule> schedule;
  if (!keys_.empty()) {
    std::vector<media::Seconds> times;
    std::transform(cuts.begin(), cuts.end(), std::back_inserter(times), time_of);
    schedule.emplace(keys_, options_.style_fade, times);
  }

  PaintReport report;
  report.work = work;
  report.seconds_to_paint = seconds_since(start);
  progress_.begin(sink.uri(), video.frames, video.duration.count());
  PipelineEnds ends;
  ends.paint = [&](std::size_t worker, const AVFrame& frame) {
    Unfinished painted = workers.at(worker)->paint(
        frame, schedule ? schedule->code_at(time_of(frame.pts)) : network::Code());
    if (!sheet) {
      return painted;
    }
    const std::shared_ptr<const AVFrame> source = media::share(frame);
    return Unfinished([painted, source, &sheet] {
      media::FramePtr finished = painted();
      sheet->offer(*source, *finished);
      return finished;
    });
  };
  if (steadying) {
    ends.see_frame = [&](const AVFrame& frame) { steadying->see(frame); };
  }
  ends.write_frame = [&](media::FramePtr frame) {
    const double seconds = time_of(frame->pts + frame->pkt_duration).count();
    out.write(std::move(frame));
    progress_.advance(out.frames(), seconds);
  };
  ends.write_packet = [&](media::PacketPtr packet) { out.write(std::move(packet)); };
  try {
    run_pipeline(reader, workers.size(), frames_in_flight(workers.size(), plan.format.size), ends);
    report.verification = out.finish();
    if (sheet) {
      sheet->write(*sheet_sink_, style_.title.empty() ? style_.name : style_.title);
    }
  } catch (...) {
    progress_.end(false);
    throw;
  }
  progress_.end(true);
  report.size = plan.format.size;
  report.format = av_get_pix_fmt_name(plan.format.format);
  report.encoder = out.encoder().description();
  report.losses = plan.losses;
  report.notes = plan.notes;
  return report;
}

PaintReport PaintSession::paint_still(media::Reader& reader, store::Sink& sink) {
  const media::VideoInfo& video = reader.video();
  const Size size =
      options_.size.empty() ? Size{} : parse_size(options_.size, video.size, video.sample_aspect);
  const media::OutputPlan plan = media::plan_output(reader, sink.uri(), options_.encode, size);
  refuse_losses(plan, sink.uri());
  if (!video.still && !options_.start && video.frames != 1) {
    progress_.note("the output is a picture: the first frame is painted; --start chooses another");
  }
  announce(plan);
  const Size full = picture_size(plan, video.format, video.size);
  const Size work = work_size(full, plan.format.sample_aspect, options_.stroke);
  engine::Enlarger* sharp = needs_enlarging(work, full) ? &enlarger() : nullptr;
  FramePainter worker({still_painter(reader.first_frame(), work), plan, options_.mix, work, sharp});
  media::FramePtr painted =
      worker.paint(reader.first_frame(), keys_.empty() ? network::Code() : keys_.front().code)();
  if (!options_.preview.empty()) {
    ContactSheet sheet(video, reader.first_frame().pts);
    sheet.offer(reader.first_frame(), *painted);
    sheet.write(*sheet_sink_, style_.title.empty() ? style_.name : style_.title);
  }
  painted = media::packed(std::move(painted), plan.format.format);
  media::Encoder encoder(plan.encode, plan.format, true);
  painted->quality = encoder.context().global_quality;
  encoder.send(painted.get());
  encoder.send(nullptr);
  std::uint64_t offset = 0;
  while (const media::PacketPtr packet = encoder.receive()) {
    sink.write_at(offset, {reinterpret_cast<const std::byte*>(packet->data),
                           static_cast<std::size_t>(packet->size)});
    offset += static_cast<std::uint64_t>(packet->size);
  }
  PaintReport report;
  report.work = work;
  report.still = true;
  report.verification.frames_in = 1;
  report.verification.frames_out = 1;
  report.size = plan.format.size;
  report.format = av_get_pix_fmt_name(plan.format.format);
  report.encoder = encoder.description();
  report.losses = plan.losses;
  report.notes = plan.notes;
  return report;
}

}  // namespace impasto::job
