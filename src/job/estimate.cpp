#include "job/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "job/paint_event.h"
#include "job/paint_orders.h"
#include "job/planned_input.h"
#include "media/reader.h"
#include "store/store.h"

namespace impasto::job {
namespace {

/// Of the streams that are not painted, by the bit rates that the input tells.
double other_bytes(const Plan& plan) {
  media::ReaderOptions options;
  options.start = plan.options.start;
  options.duration = plan.options.duration;
  const media::Reader reader(open_planned(plan.input), options);
  const double seconds =
      static_cast<double>(plan.segments.back().until - plan.segments.front().from) *
      av_q2d(plan.time_base);
  double bytes = 0;
  for (unsigned i = 0; i < reader.format().nb_streams; ++i) {
    const AVCodecParameters& stream = *reader.format().streams[i]->codecpar;
    if (static_cast<int>(i) != reader.video().stream_index) {
      constexpr double kBits = 8;
      bytes += static_cast<double>(std::max<std::int64_t>(0, stream.bit_rate)) / kBits * seconds +
               stream.extradata_size;
    }
  }
  return bytes;
}

double bytes_of(const Trial& trial, const Segment& segment) {
  constexpr std::int64_t kGroup = 250;  // frames that lean on one another, as encoders have it
  const std::int64_t whole_groups = (segment.frames + kGroup - 1) / kGroup;
  const auto groups = static_cast<double>(whole_groups);
  return groups * trial.bytes_of_first +
         (static_cast<double>(segment.frames) - groups) * trial.bytes_a_frame;
}

std::string size_text(double bytes) {
  constexpr double kStep = 1000;
  constexpr std::array<const char*, 3> kUnits{"kB", "MB", "GB"};
  std::size_t unit = 0;
  double size = bytes / kStep;
  for (; size >= kStep && unit + 1 < kUnits.size(); ++unit) {
    size /= kStep;
  }
  return fmt::format("{:.{}f} {}", size, size < 10 ? 1 : 0, kUnits.at(unit));
}

std::string time_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  constexpr std::int64_t kHour = 3600;
  constexpr std::int64_t kMinute = 60;
  return fmt::format("{}:{:02}:{:02}", whole / kHour, whole / kMinute % kMinute, whole % kMinute);
}

}  // namespace

std::optional<Estimate> estimate(const JobFolder& job, const Plan& plan, int threads,
                                 Progress& progress) {
  const JobContents there = job.contents(plan);
  Estimate result;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    result.segments += there.painted[i] ? 0 : 1;
    result.frames += there.painted[i] ? 0 : plan.segments[i].frames;
  }
  Trial trial;
  try {
    constexpr std::chrono::minutes kPatience{5};
    trial = carry_out_apart(job, {plan.segments.size() / 2, PaintOrder::Kind::trial}, threads,
                            kPatience)
                .trial;
  } catch (const Error& error) {
    if (error.code() == ExitCode::interrupted) {
      throw;
    }
    progress.note(std::string("warning: what it will take cannot be told: ") + error.what());
    return std::nullopt;
  }
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    const double bytes = bytes_of(trial, plan.segments[i]);
    result.segment_bytes += there.painted[i] ? 0 : bytes;
    result.output_bytes += bytes;
  }
  result.output_bytes += other_bytes(plan);
  result.frames_per_second = trial.seconds_a_frame > 0 ? 1 / trial.seconds_a_frame : 0;
  result.seconds = trial.seconds_a_frame * static_cast<double>(result.frames);
  return result;
}

std::string to_string(const Estimate& estimate) {
  return fmt::format("about {} of segments and {} of film, {} by one worker at {:.1f} frames/s",
                     size_text(estimate.segment_bytes), size_text(estimate.output_bytes),
                     time_text(estimate.seconds), estimate.frames_per_second);
}

void check_room(const Estimate& estimate, const JobFolder& job, const Plan& plan) {
  const std::string segments = plan.data.empty() ? job.uri() : plan.data;
  const auto room = [](const std::string& uri) {
    return static_cast<double>(store::for_uri(uri).free_space(uri));
  };
  const auto refuse = [](const std::string& what, double bytes, double free,
                         const std::string& where) {
    throw Error(ExitCode::unavailable,
                fmt::format("{} will take about {}, and there is room for {} where '{}' lies; make "
                            "room there or choose another place",
                            what, size_text(bytes), size_text(free), where));
  };
  const double for_segments = room(segments);
  const double for_output = room(plan.output);
  // One disk has one number of free bytes, whatever it is asked about.
  if (for_segments == for_output && &store::for_uri(segments) == &store::for_uri(plan.output)) {
    if (const double both = estimate.segment_bytes + estimate.output_bytes; both > for_output) {
      refuse("the segments and the film", both, for_output, plan.output);
    }
    return;
  }
  if (estimate.segment_bytes > for_segments) {
    refuse("the segments", estimate.segment_bytes, for_segments, segments);
  }
  if (estimate.output_bytes > for_output) {
    refuse("the film", estimate.output_bytes, for_output, plan.output);
  }
}

}  // namespace impasto::job
