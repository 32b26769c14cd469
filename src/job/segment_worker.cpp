#include "job/segment_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/interrupt.h"
#include "job/frame_painter.h"
#include "job/local_net.h"
#include "job/option_words.h"
#include "job/paint.h"
#include "job/pipeline.h"
#include "job/planned_input.h"
#include "job/work_size.h"
#include "media/memory_sink.h"
#include "media/planar.h"
#include "media/segment_file.h"
#include "network/models.h"
#include "temporal/steadier.h"

namespace impasto::job {
namespace {

media::ReaderOptions reading(const Plan& plan, int threads) {
  media::ReaderOptions options;
  options.start = plan.options.start;
  options.duration = plan.options.duration;
  options.threads = threads;
  options.frames_only = true;
  return options;
}

std::filesystem::path style_folder() {
  const std::filesystem::path cache = cache_folder();
  return cache.empty() ? cache : cache / "styles";
}

/// Frames in the output's work format into a segment's file.
class SegmentEncoder {
 public:
  SegmentEncoder(const media::OutputPlan& output, store::Sink& sink)
      : format_(output.format.format),
        encoder_(output.encode, output.format, (output.muxer->flags & AVFMT_GLOBALHEADER) != 0),
        writer_(sink, encoder_.context()) {}

  void write(media::FramePtr frame) {
    frame = media::packed(std::move(frame), format_);
    encoder_.send(frame.get());
    drain();
    ++frames_;
  }

  /// Ends the file; gives the number of frames.
  std::int64_t finish() {
    encoder_.send(nullptr);
    drain();
    writer_.finish();
    if (writer_.packets() != frames_) {
      throw Error(ExitCode::bug, fmt::format("of {} frames {} came out of the encoder; try another "
                                             "--codec",
                                             frames_, writer_.packets()));
    }
    return frames_;
  }

  [[nodiscard]] std::int64_t frames() const { return frames_; }

 private:
  void drain() {
    while (media::PacketPtr packet = encoder_.receive()) {
      writer_.write(std::move(packet));
    }
  }

  AVPixelFormat format_;
  media::Encoder encoder_;
  media::SegmentWriter writer_;
  std::int64_t frames_ = 0;
};

}  // namespace

SegmentWorker::SegmentWorker(JobFolder job, int threads)
    : job_(std::move(job)),
      threads_(threads),
      plan_(job_.read_plan()),
      source_(open_planned(plan_.input)),
      nets_(style_folder(), ".onnx") {
  const PaintOptions& options = plan_.options;
  const media::Reader reader(source_, reading(plan_, threads));
  const media::VideoInfo& video = reader.video();
  first_pts_ = reader.first_frame().pts;
  const Size size =
      options.size.empty() ? Size{} : parse_size(options.size, video.size, video.sample_aspect);
  output_ = media::plan_output(reader, plan_.output, options.encode, size);
  full_ = picture_size(output_, video.format, video.size);
  work_ = work_size(full_, output_.format.sample_aspect, options.stroke);
}

const engine::PainterInfo& SegmentWorker::painter() {
  if (!painter_) {
    const PaintOptions& options = plan_.options;
    engine::PainterOptions painting{options.device, options.precision, threads_, canvas_for(work_),
                                    cache_folder()};
    if (needs_enlarging(work_, full_)) {
      enlarger_ = engine::make_enlarger(network::find_model(network::kEnlargerFile), painting);
    }
    const bool live = plan_.calibration.empty();
    painting.tile_pixels = live && options.tile == "auto" ? 0 : parse_tile(options.tile);
    job_.read_calibration(plan_);
    painter_ = std::make_unique<FilmPainter>(local_net(job_.style(), nets_, plan_.style.sha256),
                                             painting, std::move(plan_.film));
    plan_.film = {};
    plan_.film.cuts = painter_->film().cuts;
  }
  return painter_->info();
}

void SegmentWorker::paint(std::size_t number,
                          const std::function<void(std::int64_t frames)>& done) {
  const Segment& segment = plan_.segments.at(number);
  media::Reader reader = open_segment(segment);
  const std::string uri = job_.segment(plan_, number);
  const std::unique_ptr<store::Sink> sink = store::for_uri(uri).create(uri, true);
  expect_frames(number, paint_frames(reader, segment, *sink, done));
  sink->commit();
}

Trial SegmentWorker::try_out(std::size_t number) {
  using Clock = std::chrono::steady_clock;
  const std::int64_t most = is_huge(output_.format.size) ? 6 : 24;
  Segment few = plan_.segments.at(number);
  few.frames = std::min(most, few.frames);
  few.warm_up = few.from;
  const auto first = std::lower_bound(plan_.times.begin(), plan_.times.end(), few.from);
  if (const auto end = first + few.frames; end != plan_.times.end()) {
    few.until = *end;
  }
  media::Reader reader = open_segment(few);
  media::MemorySink sink("a trial of " + job_.segment(plan_, number));
  painter();
  const Clock::time_point begun = Clock::now();
  const std::int64_t frames = paint_frames(reader, few, sink, [](std::int64_t) {});
  Trial trial;
  trial.seconds_a_frame = std::chrono::duration<double>(Clock::now() - begun).count() /
                          static_cast<double>(std::max<std::int64_t>(1, frames));
  media::SegmentReader packets(sink.reread(), plan_.time_base, few.from);
  double others = 0;
  for (media::PacketPtr packet = packets.next(); packet; packet = packets.next()) {
    if (trial.bytes_of_first == 0) {
      trial.bytes_of_first = packet->size;
    } else {
      trial.bytes_a_frame += packet->size;
      ++others;
    }
  }
  trial.bytes_a_frame = others > 0 ? trial.bytes_a_frame / others : trial.bytes_of_first;
  return trial;
}

void SegmentWorker::leave_unpainted(std::size_t number,
                                    const std::function<void(std::int64_t frames)>& done) {
  const Segment& segment = plan_.segments.at(number);
  media::Reader reader = open_segment(segment);
  const std::string uri = job_.unpainted_segment(plan_, number);
  const std::unique_ptr<store::Sink> sink = store::for_uri(uri).create(uri, true);
  SegmentEncoder encoder(output_, *sink);
  media::ColourConverter converter;
  std::int64_t frames = 0;
  for (;;) {
    throw_if_interrupted();
    const media::ReadItem item = reader.next();
    if (std::holds_alternative<std::monostate>(item)) {
      break;
    }
    if (const auto* frame = std::get_if<media::FramePtr>(&item);
        frame != nullptr && (*frame)->pts >= segment.from) {
      encoder.write(unpainted(**frame, output_, converter));
      done(++frames);
    }
  }
  expect_frames(number, encoder.finish());
  sink->commit();
}

media::Reader SegmentWorker::open_segment(const Segment& segment) const {
  media::ReaderOptions options = reading(plan_, threads_);
  options.start.reset();
  options.duration.reset();
  options.range = media::FrameRange{segment.warm_up, segment.until, segment.seek};
  return {source_, options};
}

void SegmentWorker::expect_frames(std::size_t number, std::int64_t frames) const {
  const std::int64_t planned = plan_.segments.at(number).frames;
  if (frames != planned) {
    throw Error(ExitCode::bug,
                fmt::format("segment {} of '{}' has {} frames where the plan has {}; the input was "
                            "read differently from there",
                            number, job_.uri(), frames, planned));
  }
}

std::int64_t SegmentWorker::paint_frames(media::Reader& reader, const Segment& segment,
                                         store::Sink& sink,
                                         const std::function<void(std::int64_t frames)>& done) {
  const PaintOptions& options = plan_.options;
  const std::size_t at_once = static_cast<std::size_t>(std::max(1, painter().concurrency));
  std::optional<Steadying> steadying;
  if (options.stability > 0) {
    steadying.emplace(options.stability, work_, plan_.film.cuts);
  }
  std::vector<std::unique_ptr<FramePainter>> workers;
  for (std::size_t i = 0; i < at_once; ++i) {
    workers.push_back(std::make_unique<FramePainter>(
        FramePainterParts{*painter_, output_, options.mix, work_, enlarger_.get(),
                          steadying ? &*steadying : nullptr}));
  }
  const auto time_of = [&](std::int64_t pts) {
    return media::Seconds(static_cast<double>(pts - first_pts_) * av_q2d(plan_.time_base));
  };
  std::optional<StyleSchedule> schedule;
  if (!plan_.style.keys.empty()) {
    std::vector<media::Seconds> times;
    std::transform(plan_.film.cuts.begin(), plan_.film.cuts.end(), std::back_inserter(times),
                   time_of);
    schedule.emplace(plan_.style.keys, options.style_fade, times);
  }

  SegmentEncoder encoder(output_, sink);
  PipelineEnds ends;
  ends.paint = [&](std::size_t worker, const AVFrame& frame) {
    return workers.at(worker)->paint(
        frame, schedule ? schedule->code_at(time_of(frame.pts)) : network::Code());
  };
  if (steadying) {
    ends.see_frame = [&](const AVFrame& frame) { steadying->see(frame); };
  }
  ends.write_frame = [&](media::FramePtr frame) {
    if (frame->pts < segment.from) {
      done(0);
      return;  // what the first frame leans on
    }
    encoder.write(std::move(frame));
    done(encoder.frames());
  };
  ends.write_packet = [](media::PacketPtr) {};
  run_pipeline(reader, workers.size(), frames_in_flight(workers.size(), output_.format.size), ends);
  return encoder.finish();
}

}  // namespace impasto::job
