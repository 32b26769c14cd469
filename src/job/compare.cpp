#include "job/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/processors.h"
#include "job/film_by_time.h"
#include "job/pipeline.h"
#include "job/side_by_side.h"
#include "job/video_out.h"
#include "media/planar.h"
#include "media/rehearsal.h"
#include "media/still_png.h"
#include "store/store.h"

namespace impasto::job {
namespace {

using SharedFrame = FilmByTime::SharedFrame;

/// Frames of the second video that wait for those of the first they are shown with.
class Partners {
 public:
  void put(std::int64_t pts, SharedFrame frame) {
    const std::lock_guard lock(mutex_);
    waiting_[pts] = std::move(frame);
  }
  SharedFrame take(std::int64_t pts) {
    const std::lock_guard lock(mutex_);
    return std::move(waiting_.extract(pts).mapped());
  }

 private:
  std::mutex mutex_;
  std::map<std::int64_t, SharedFrame> waiting_;
};

SideBySideOptions shown_as(const std::string& first, const std::string& second,
                           const CompareOptions& options) {
  SideBySideOptions shown{options.split, options.labels};
  if (!options.labelled) {
    shown.labels = {};
  } else if (shown.labels[0].empty() && shown.labels[1].empty()) {
    shown.labels = {std::filesystem::path(first).filename().string(),
                    std::filesystem::path(second).filename().string()};
    if (shown.labels[0] == shown.labels[1]) {
      shown.labels = {first, second};
    }
  }
  return shown;
}

/// Says so when a second video of another shape is pressed into the first one's.
void note_shape(const SideBySideLayout& layout, const media::VideoInfo& second,
                const SideBySideOptions& shown, std::vector<std::string>& notes) {
  const Size own = lay_out(second, second, {}).sizes[0];
  const double shape = static_cast<double>(own.width) / own.height;
  const double wanted = static_cast<double>(layout.sizes[0].width) / layout.sizes[0].height;
  constexpr double kVisible = 1.02;
  if (shown.split && (shape > kVisible * wanted || wanted > kVisible * shape)) {
    notes.emplace_back("the second picture has another shape and is stretched to the first one's");
  }
}

void make_opaque(AVFrame& frame) {
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if ((format.flags & AV_PIX_FMT_FLAG_ALPHA) == 0) {
    return;
  }
  const AVComponentDescriptor& alpha = format.comp[format.nb_components - 1];
  for (int y = 0; y < frame.height; ++y) {
    std::uint8_t* row =
        frame.data[alpha.plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[alpha.plane];
    if (alpha.depth > 8) {
      std::fill_n(reinterpret_cast<std::uint16_t*>(row), frame.width,
                  static_cast<std::uint16_t>((1U << static_cast<unsigned>(alpha.depth)) - 1));
    } else {
      std::fill_n(row, frame.width, std::uint8_t{0xFF});
    }
  }
}

/// Makes frames for the encoder of frames of both videos; one object a thread.
class FrameMaker {
 public:
  FrameMaker(const SideBySideLayout& layout, const SideBySideOptions& shown,
             const media::OutputPlan& plan)
      : both_(layout, shown), plan_(plan) {}

  /// `pts` and `duration` in the plan's time base.
  media::FramePtr make(const AVFrame& first, const AVFrame& second, std::int64_t pts,
                       std::int64_t duration) {
    const Picture& canvas = both_.show(first, second);
    media::FramePtr frame =
        media::make_picture_frame(plan_.work_format, canvas.size().width, canvas.size().height);
    frame->pts = pts;
    frame->pkt_duration = duration;
    frame->sample_aspect_ratio = plan_.format.sample_aspect;
    media::tag(*frame, plan_.format.colour);
    converter_.from_picture(canvas, *frame);
    make_opaque(*frame);
    return frame;
  }

 private:
  SideBySide both_;
  const media::OutputPlan& plan_;
  media::ColourConverter converter_;
};

/// The plan of the first video's output, changed to hold both.
struct Plan {
  media::OutputPlan output;
  /// Times are so many times as fine as the first video's: the second one's have to fit in where
  /// the first has ended.
  int finer = 1;
};

Plan plan_both(const media::Reader& first, const std::string& output,
               const media::EncodeOptions& encode, Size canvas) {
  Plan plan{media::plan_output(first, output, encode, canvas)};
  media::EncodeFormat& format = plan.output.format;
  format.sample_aspect = {1, 1};
  constexpr double kFine = 0.001;
  plan.finer = std::max(1, static_cast<int>(std::lround(av_q2d(format.time_base) / kFine)));
  format.time_base.den *= plan.finer;
  return plan;
}

/// Writes both videos as one; tells the verification's problems in `result`.
class VideoComparison {
 public:
  VideoComparison(FilmByTime& first, FilmByTime& second, const SideBySideLayout& layout,
                  const SideBySideOptions& shown, const Plan& plan, store::Sink& sink,
                  Progress& progress)
      : first_(first),
        second_(second),
        plan_(plan),
        progress_(progress),
        out_(plan.output, sink, first.reader().format()) {
    constexpr int kMostWorkers = 4;  // then the encoder is what takes longest
    for (int i = 0; i < std::min(kMostWorkers, usable_processors()); ++i) {
      makers_.push_back(std::make_unique<FrameMaker>(layout, shown, plan.output));
    }
  }

  void run(CompareResult& result) {
    PipelineEnds ends;
    ends.see_frame = [&](const AVFrame& frame) { see(frame); };
    ends.paint = [&](std::size_t worker, const AVFrame& frame) {
      const SharedFrame partner = partners_.take(frame.pts);
      auto both = std::make_shared<media::FramePtr>(makers_[worker]->make(
          frame, *partner, frame.pts * plan_.finer, frame.pkt_duration * plan_.finer));
      return Unfinished([both] { return std::move(*both); });
    };
    ends.write_frame = [&](media::FramePtr frame) { write(std::move(frame)); };
    ends.write_packet = [&](media::PacketPtr packet) { out_.write(std::move(packet)); };
    constexpr std::size_t kFramesPerWorker = 3;
    run_pipeline(first_.reader(), makers_.size(), kFramesPerWorker * makers_.size(), ends);
    write_rest();
    result.notes.insert(result.notes.end(), notes_.begin(), notes_.end());
    for (const std::string& problem : out_.finish().problems) {
      result.notes.push_back("warning: " + problem);
    }
    result.frames = out_.frames();
  }

 private:
  /// On the reading thread, in order.
  void see(const AVFrame& frame) {
    const double time = first_.seconds(frame.pts);
    partners_.put(frame.pts, second_.at(time));
    last_ = media::share(frame);
    if (!second_ended_ && second_.is_over_at(time)) {
      second_ended_ = true;
      notes_.push_back(fmt::format(
          "the second ends at {:.2f} s; its last frame is held until the first has ended", time));
    }
  }

  /// The first one's last frame beside what is left of the second.
  void write_rest() {
    const double end = first_.seconds(last_->pts + last_->pkt_duration);
    std::int64_t rest = 0;
    for (const AVFrame* frame = second_.coming(); frame != nullptr; frame = second_.coming()) {
      throw_if_interrupted();
      const double time = second_.seconds(frame->pts);
      if (time > end - FilmByTime::kTolerance) {
        const double base = av_q2d(plan_.output.format.time_base);
        const std::int64_t pts =
            first_.origin() * plan_.finer + static_cast<std::int64_t>(std::llround(time / base));
        const double length = second_.seconds(frame->pts + frame->pkt_duration) - time;
        if (pts > written_) {
          write(makers_.front()->make(*last_, *frame, pts, std::llround(length / base)));
          ++rest;
        }
      }
      second_.pass_on();
    }
    if (rest > 0) {
      notes_.push_back(fmt::format(
          "the first ends at {:.2f} s; its last frame is held for {} frames of the second", end,
          rest));
    }
  }

  void write(media::FramePtr frame) {
    written_ = frame->pts;
    const double seconds = static_cast<double>(frame->pts - first_.origin() * plan_.finer) *
                           av_q2d(plan_.output.format.time_base);
    out_.write(std::move(frame));
    progress_.advance(out_.frames(), seconds);
  }

  FilmByTime& first_;
  FilmByTime& second_;
  const Plan& plan_;
  Progress& progress_;
  VideoOut out_;
  std::vector<std::unique_ptr<FrameMaker>> makers_;
  Partners partners_;
  std::shared_ptr<const AVFrame> last_;
  std::int64_t written_ = INT64_MIN;
  bool second_ended_ = false;
  std::vector<std::string> notes_;
};

void compare_videos(FilmByTime& first, FilmByTime& second, const SideBySideLayout& layout,
                    const SideBySideOptions& shown, const CompareOptions& options,
                    store::Sink& sink, Progress& progress, CompareResult& result) {
  Plan plan = plan_both(first.reader(), sink.uri(), options.encode, layout.canvas);
  {
    FrameMaker maker(layout, shown, plan.output);
    const AVFrame& frame = first.reader().first_frame();
    const media::FramePtr both =
        media::packed(maker.make(frame, second.reader().first_frame(), frame.pts * plan.finer,
                                 frame.pkt_duration * plan.finer),
                      plan.output.format.format);
    media::rehearse(plan.output, first.reader(), *both, first.source());
  }
  for (const std::string& loss : plan.output.losses) {
    progress.note("warning: " + loss);
  }
  const bool longer = second.video().duration > first.video().duration;
  progress.begin(sink.uri(), longer ? 0 : first.video().frames,
                 std::max(first.video().duration, second.video().duration).count());
  try {
    VideoComparison(first, second, layout, shown, plan, sink, progress).run(result);
  } catch (...) {
    progress.end(false);
    throw;
  }
  progress.end(true);
}

void compare_moment(FilmByTime& first, FilmByTime& second, const SideBySideLayout& layout,
                    const SideBySideOptions& shown, const CompareOptions& options,
                    store::Sink& sink, CompareResult& result) {
  const double time = options.at.value_or(media::Seconds(0)).count();
  first.skip_towards(time);
  second.skip_towards(time);
  const SharedFrame one = first.at(time);
  const SharedFrame other = second.at(time);
  if (first.is_over_at(time) && second.is_over_at(time)) {
    throw Error(ExitCode::usage,
                fmt::format("--at {} lies behind the end of both; choose an earlier moment", time));
  }
  if (!options.at && !(first.video().still && second.video().still)) {
    result.notes.emplace_back(
        "the output is a picture: the first frames are shown; --at chooses others");
  }
  SideBySide both(layout, shown);
  store::write_all(sink, media::encode_sheet(both.show(*one, *other), sink.uri()));
  result.frames = 1;
}

void refuse_writing_onto(const std::string& input, const std::string& output) {
  if (store::for_uri(output).same(input, output)) {
    throw Error(ExitCode::usage, "'" + output +
                                     "' is one of those to compare; nothing is ever written over "
                                     "its source, choose another output");
  }
}

}  // namespace

CompareResult compare(const std::string& first, const std::string& second,
                      const std::string& output, const CompareOptions& options,
                      Progress& progress) {
  const auto begin = std::chrono::steady_clock::now();
  const bool still = media::is_still_output(output);
  if (still) {
    media::check_sheet_name(output);
  } else if (options.at) {
    throw Error(ExitCode::usage,
                "--at chooses the moment for a picture; end the output's name in .png or .jpg");
  }
  refuse_writing_onto(first, output);
  refuse_writing_onto(second, output);
  FilmByTime one(first, still, options.encode.threads);
  FilmByTime other(second, true, options.encode.threads);
  const std::unique_ptr<store::Sink> sink =
      store::for_uri(output).create(output, options.overwrite);
  const SideBySideOptions shown = shown_as(first, second, options);
  const SideBySideLayout layout = lay_out(one.video(), other.video(), shown);
  CompareResult result;
  result.size = layout.canvas;
  note_shape(layout, other.video(), shown, result.notes);
  if (still) {
    compare_moment(one, other, layout, shown, options, *sink, result);
  } else {
    compare_videos(one, other, layout, shown, options, *sink, progress, result);
    throw_if_interrupted();
    sink->commit();
  }
  for (const std::string& note : result.notes) {
    progress.note(note);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace impasto::job
