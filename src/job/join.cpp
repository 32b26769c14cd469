#include "job/join.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/interrupt.h"
#include "job/frame_finisher.h"
#include "job/job_log.h"
#include "job/option_words.h"
#include "job/paint_orders.h"
#include "media/planar.h"
#include "media/rehearsal.h"
#include "media/segment_file.h"
#include "media/writer.h"
#include "store/store.h"

namespace impasto::job {
namespace {

using media::PacketPtr;

/// Packets are reordered by more than was thought.
struct TooShallow {};

/// The painted stream of a job: the packets of its segments, one segment after the other, with the
/// times that one encoder would have given them. Opens one segment at a time.
class PaintedStream {
 public:
  /// `delay`: frames that are decoded before the first is shown.
  PaintedStream(const JobFolder& job, const Plan& plan, const JobContents& there,
                const AVCodecContext& encoder, std::size_t delay)
      : job_(job), plan_(plan), there_(there), encoder_(encoder), delay_(delay) {}

  /// In the order of decoding; null at the end. Throws TooShallow.
  PacketPtr next() {
    PacketPtr packet = next_of_segments();
    if (!packet) {
      return nullptr;
    }
    // Decoded when the frame `delay` places before is shown: such times rise, as they have to.
    shown_.push(packet->pts);
    if (count_ < delay_) {
      const Segment& first = plan_.segments.front();
      const std::int64_t step = std::max<std::int64_t>(
          1, (first.until - first.from) / std::max<std::int64_t>(1, first.frames));
      packet->dts = first.from - static_cast<std::int64_t>(delay_ - count_) * step;
    } else {
      packet->dts = shown_.top();
      shown_.pop();
    }
    if (packet->dts > packet->pts) {
      throw TooShallow();
    }
    ++count_;
    return packet;
  }

 private:
  PacketPtr next_of_segments() {
    for (;;) {
      if (!segment_) {
        if (number_ == plan_.segments.size()) {
          return nullptr;
        }
        open();
      }
      if (PacketPtr packet = segment_->next()) {
        const auto duration = durations_.find(packet->pts);
        if (duration == durations_.end()) {
          throw Error(ExitCode::bug, fmt::format("segment {} of '{}' holds a frame that the plan "
                                                 "does not know; delete '{}' and work again",
                                                 number_, job_.uri(), uri_));
        }
        packet->duration = duration->second;
        durations_.erase(duration);
        return packet;
      }
      if (!durations_.empty()) {
        throw Error(ExitCode::bug,
                    fmt::format("segment {} of '{}' lacks {} frames; delete '{}' and work again",
                                number_, job_.uri(), durations_.size(), uri_));
      }
      segment_.reset();
      ++number_;
    }
  }

  void open() {
    const Segment& segment = plan_.segments[number_];
    uri_ = there_.painted[number_] ? job_.segment(plan_, number_)
                                   : job_.unpainted_segment(plan_, number_);
    segment_ = std::make_unique<media::SegmentReader>(store::for_uri(uri_).open(uri_),
                                                      plan_.time_base, segment.from);
    const AVCodecParameters& own = segment_->parameters();
    const bool alike = own.codec_id == encoder_.codec_id && own.width == encoder_.width &&
                       own.height == encoder_.height &&
                       (encoder_.extradata_size == 0 ||
                        (own.extradata_size == encoder_.extradata_size &&
                         std::memcmp(own.extradata, encoder_.extradata,
                                     static_cast<std::size_t>(own.extradata_size)) == 0));
    if (!alike) {
      throw Error(ExitCode::bug, fmt::format("segment {} of '{}' was encoded otherwise than this "
                                             "machine would; finish the job where it was painted",
                                             number_, job_.uri()));
    }
    for (const auto& [pts, duration] : durations_in(plan_, segment)) {
      durations_.emplace(pts, duration);
    }
  }

  const JobFolder& job_;
  const Plan& plan_;
  const JobContents& there_;
  const AVCodecContext& encoder_;
  std::size_t delay_;
  std::size_t number_ = 0;
  std::string uri_;
  std::unique_ptr<media::SegmentReader> segment_;
  std::map<std::int64_t, std::int64_t> durations_;  ///< Of the segment's frames still to come.
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> shown_;
  std::size_t count_ = 0;
};

/// Segments that failed, with the reason, where no others are missing; throws where there are, or
/// where more failed than may.
std::vector<std::pair<std::size_t, std::string>> failed_segments(const JobFolder& job,
                                                                 const Plan& plan,
                                                                 const JobContents& there,
                                                                 std::size_t error_threshold) {
  std::vector<std::pair<std::size_t, std::string>> failed;
  std::vector<std::size_t> missing;
  std::vector<std::size_t> tried;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    if (!there.painted[i]) {
      (there.tried[i] ? tried : missing).push_back(i);
    }
  }
  const std::vector<std::optional<SegmentStatus>> statuses = job.read_statuses(plan, tried);
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (statuses[i] && statuses[i]->state == "failed") {
      failed.emplace_back(tried[i], statuses[i]->error);
    } else {
      missing.push_back(tried[i]);
    }
  }
  std::sort(missing.begin(), missing.end());
  const auto named = [](const std::vector<std::size_t>& numbers) {
    constexpr std::size_t kNamed = 10;
    std::string text;
    for (std::size_t i = 0; i < std::min(kNamed, numbers.size()); ++i) {
      text += fmt::format("{}{}", i > 0 ? ", " : "", numbers[i]);
    }
    return numbers.size() > kNamed ? text + ", ..." : text;
  };
  if (!missing.empty()) {
    throw Error(
        ExitCode::unavailable,
        fmt::format("{} of {} segments of '{}' are not painted yet ({}); run 'impasto work "
                    "{}' and finish then",
                    missing.size(), plan.segments.size(), job.uri(), named(missing), job.uri()));
  }
  if (failed.size() > error_threshold) {
    throw Error(ExitCode::unavailable,
                fmt::format("{} of {} segments of '{}' could not be painted, and no more than {} "
                            "may fail; segment {}: {}; look for the cause and run 'impasto retry "
                            "{}' and work again, or let --error-threshold {} show them unpainted",
                            failed.size(), plan.segments.size(), job.uri(), error_threshold,
                            failed.front().first, failed.front().second, job.uri(), failed.size()));
  }
  return failed;
}

/// The finished job's record.
void write_report(const JobFolder& job, const Plan& plan, const JobContents& there,
                  const JoinReport& report) {
  using Json = nlohmann::ordered_json;
  Json unpainted = Json::array();
  for (const auto& [number, why] : report.unpainted) {
    unpainted.push_back({{"segment", number}, {"error", why}});
  }
  std::map<std::string, std::int64_t> processors;
  std::set<std::string> hosts;
  double seconds = 0;
  std::vector<std::size_t> painted;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    if (there.painted[i] && there.tried[i]) {
      painted.push_back(i);
    }
  }
  for (const std::optional<SegmentStatus>& status : job.read_statuses(plan, painted)) {
    if (status && status->state == "done") {
      processors[status->processor] += status->frames;
      hosts.insert(status->host);
      seconds += status->seconds;
    }
  }
  const media::Verification& checked = report.verification;
  const Json json = {{"program", plan.program},
                     {"input", plan.input.uri},
                     {"output", plan.output},
                     {"style", {{"name", plan.style.name}, {"sha256", plan.style.sha256}}},
                     {"segments", plan.segments.size()},
                     {"unpainted", unpainted},
                     {"frames", {{"in", checked.frames_in}, {"out", checked.frames_out}}},
                     {"largest_time_error_ms", checked.largest_time_error_ms},
                     {"frames_by_processor", processors},
                     {"hosts", hosts},
                     {"worker_seconds", seconds},
                     {"losses", report.losses},
                     {"problems", checked.problems}};
  store::write_all(job.report(), json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n",
                   true);
}

/// One try to write the result; throws TooShallow.
media::Verification write(PaintedStream painted, const Plan& plan, media::Reader& reader,
                          const media::OutputPlan& output, const media::Encoder& encoder,
                          store::Sink& sink, Progress& progress) {
  media::Writer writer(sink, output, reader.format(), encoder.context());
  PacketPtr next = painted.next();
  std::int64_t frames = 0;
  const auto write_until = [&](std::int64_t dts) {
    for (; next && next->dts <= dts; next = painted.next()) {
      const std::int64_t shown = next->pts;
      writer.write_video(std::move(next));
      progress.advance(++frames,
                       static_cast<double>(shown - plan.times.front()) * av_q2d(plan.time_base));
    }
  };
  // The source's own video packets tell how far the file has come.
  for (;;) {
    throw_if_interrupted();
    media::ReadItem item = reader.next();
    if (std::holds_alternative<std::monostate>(item)) {
      break;
    }
    if (auto* packet = std::get_if<PacketPtr>(&item)) {
      if ((*packet)->stream_index != reader.video().stream_index) {
        writer.write_packet(std::move(*packet));
      } else if ((*packet)->dts != AV_NOPTS_VALUE) {
        write_until((*packet)->dts);
      }
    }
  }
  write_until(INT64_MAX);
  writer.finish();
  const std::int64_t last_duration = durations_in(plan, plan.segments.back()).back().second;
  return media::verify(sink.reread(), output, reader.format(), writer, plan.times, last_duration);
}

JoinReport join_segments(const JobFolder& job, std::size_t error_threshold, Progress& progress) {
  const Plan plan = job.read_plan();
  JoinReport report;
  report.output = plan.output;
  const JobContents there = job.contents(plan);
  report.unpainted = failed_segments(job, plan, there, error_threshold);
  for (const auto& [number, why] : report.unpainted) {
    try {
      constexpr std::chrono::minutes kPatience{2};
      carry_out_apart(job, {number, PaintOrder::Kind::unpainted}, 0, kPatience);
    } catch (const Error& error) {
      if (error.code() == ExitCode::interrupted) {
        throw;
      }
      throw Error(error.code(), fmt::format("segment {} can be neither painted nor shown as it is: "
                                            "{}; repair the film there, or leave that part out "
                                            "(--start, --duration)",
                                            number, error.what()));
    }
  }
  const std::shared_ptr<store::Source> source = open_planned(plan.input);
  media::ReaderOptions reading;
  reading.start = plan.options.start;
  reading.duration = plan.options.duration;
  reading.undecoded = true;

  std::unique_ptr<store::Sink> sink;
  progress.begin("joining " + plan.output, static_cast<std::int64_t>(plan.times.size()), 0);
  try {
    std::optional<std::size_t> delay;
    for (bool done = false; !done;) {
      media::Reader reader(source, reading);
      const media::VideoInfo& video = reader.video();
      const Size size = plan.options.size.empty()
                            ? Size{}
                            : parse_size(plan.options.size, video.size, video.sample_aspect);
      media::OutputPlan output = media::plan_output(reader, plan.output, plan.options.encode, size);
      media::ColourConverter converter;
      const media::FramePtr first =
          media::packed(unpainted(reader.first_frame(), output, converter), output.format.format);
      media::rehearse(output, reader, *first, source);
      report.losses = output.losses;
      report.notes = output.notes;
      report.size = output.format.size;
      report.format = av_get_pix_fmt_name(output.format.format);
      const media::Encoder encoder(output.encode, output.format,
                                   (output.muxer->flags & AVFMT_GLOBALHEADER) != 0);
      report.encoder = encoder.description();
      delay = delay.value_or(static_cast<std::size_t>(std::max(0, encoder.context().has_b_frames)));
      sink = store::for_uri(plan.output).create(plan.output, plan.options.overwrite);
      try {
        report.verification = write({job, plan, there, encoder.context(), *delay}, plan, reader,
                                    output, encoder, *sink, progress);
        done = true;
      } catch (const TooShallow&) {
        constexpr std::size_t kMost = 32;
        if (++*delay > kMost) {
          throw Error(ExitCode::bug, "the segments of '" + job.uri() + "' cannot be put in order");
        }
      }
    }
  } catch (...) {
    progress.end(false);
    throw;
  }
  progress.end(true);
  const media::Verification& checked = report.verification;
  if (checked.frames_in != checked.frames_out ||
      (plan.options.strict && !checked.problems.empty())) {
    throw Error(checked.frames_in != checked.frames_out ? ExitCode::bug : ExitCode::bad_input,
                "'" + plan.output + "' is not written: " + checked.problems.front());
  }
  sink->commit();
  write_report(job, plan, there, report);
  return report;
}

}  // namespace

JoinReport join(const JobFolder& job, std::size_t error_threshold, Progress& progress) {
  JobLog log(job, "finish");
  try {
    JoinReport report = join_segments(job, error_threshold, progress);
    for (const auto& [number, why] : report.unpainted) {
      log.warning(fmt::format("segment {} is shown unpainted: {}", number, why));
    }
    for (const std::string& problem : report.verification.problems) {
      log.warning(problem);
    }
    log.info(fmt::format("'{}' has its name, with {} frames", report.output,
                         report.verification.frames_out));
    log.write();
    return report;
  } catch (const Error& error) {
    if (job.has_plan()) {
      log.error(error.what());
      log.write();
    }
    throw;
  }
}

}  // namespace impasto::job
