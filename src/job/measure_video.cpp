#include "job/measure_video.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/picture.h"
#include "base/processors.h"
#include "media/colour.h"
#include "media/reader.h"
#include "media/shot_list.h"
#include "store/store.h"
#include "temporal/flo_file.h"
#include "temporal/flow.h"
#include "temporal/guide.h"

namespace impasto::job {
namespace {

constexpr int kLongest = 640;  ///< Pixels that flow is sought at on the longer side.

/// A frame of both videos, at the painting's size.
struct Moment {
  double seconds = 0;
  bool cut = false;
  Picture source;
  Picture painted;
};

/// Reads two videos in step.
class Pair {
 public:
  Pair(const std::string& painted, const std::string& source)
      : painted_name_(painted),
        source_name_(source),
        painted_(store::for_uri(painted).open(painted), options()),
        source_(store::for_uri(source).open(source), options()) {}

  [[nodiscard]] const media::VideoInfo& video() const { return painted_.video(); }

  std::optional<Moment> next() {
    const media::FramePtr painted = next_frame(painted_);
    const auto [source, cut, contrast] = next_source_frame();
    if (!painted && !source) {
      return std::nullopt;
    }
    if (!painted || !source) {
      throw Error(
          ExitCode::bad_input,
          fmt::format("'{}' has {} frames and '{}' has {}; measure a painting against the "
                      "clip that it was painted from",
                      painted_name_, count_to_end(painted_), source_name_, count_to_end(source_)));
    }
    Moment moment{seconds_of(*painted, painted_), cut, Picture(painted_.video().size),
                  Picture(painted_.video().size)};
    expect_time(moment.seconds, seconds_of(*source, source_));
    converter_.to_picture(*source, moment.source);
    converter_.to_picture(*painted, moment.painted);
    return moment;
  }

 private:
  static media::ReaderOptions options() {
    media::ReaderOptions options;
    options.frames_only = true;
    return options;
  }

  static media::FramePtr next_frame(media::Reader& reader) {
    while (true) {
      media::ReadItem item = reader.next();
      if (auto* frame = std::get_if<media::FramePtr>(&item)) {
        return std::move(*frame);
      }
      if (std::holds_alternative<std::monostate>(item)) {
        return nullptr;
      }
    }
  }

  /// No frame at the end.
  media::ShotLister::Told next_source_frame() {
    for (;;) {
      if (auto told = shots_.next()) {
        return std::move(*told);
      }
      media::FramePtr frame = next_frame(source_);
      if (!frame) {
        shots_.end();
        auto told = shots_.next();
        return told ? std::move(*told) : media::ShotLister::Told();
      }
      shots_.see(std::move(frame));
    }
  }

  static std::int64_t count_to_end(media::Reader& reader) {
    while (next_frame(reader)) {
      throw_if_interrupted();
    }
    return reader.counts().frames;
  }

  /// Since the video's first frame.
  static double seconds_of(const AVFrame& frame, const media::Reader& reader) {
    return static_cast<double>(frame.pts - reader.first_frame().pts) *
           av_q2d(reader.video().time_base);
  }

  void expect_time(double painted, double source) const {
    constexpr double kTolerance = 0.005;  // seconds: containers round to milliseconds
    if (std::abs(painted - source) > kTolerance) {
      throw Error(ExitCode::bad_input,
                  fmt::format("a frame of '{}' is shown at {:.3f} s and that of '{}' at {:.3f} s; "
                              "measure a painting against the clip that it was painted from",
                              painted_name_, painted, source_name_, source));
    }
  }

  std::string painted_name_;
  std::string source_name_;
  media::Reader painted_;
  media::Reader source_;
  media::ShotLister shots_;
  media::ColourConverter converter_;
};

// ---- Flow ----

/// From one moment to another, at the size of the pictures, with the places that count.
struct Path {
  temporal::FlowField flow;
  std::vector<std::uint8_t> visible;
  std::vector<std::uint8_t> still;
};

Path sought_path(const Picture& here, const Picture& there) {
  const Size size = temporal::working_size(here.size(), kLongest);
  const temporal::Brightness from = temporal::brightness_of(here, size);
  const temporal::Brightness to = temporal::brightness_of(there, size);
  constexpr auto kEffort = temporal::FlowEffort::best;
  const auto [flow, seen] = temporal::settled_flow(to, from, {kLongest, kEffort, kEffort});
  std::vector<std::uint8_t> visible(seen.size());
  std::transform(seen.begin(), seen.end(), visible.begin(),
                 [](float share) { return share >= 0.5F ? 1 : 0; });
  return {temporal::enlarged(flow, here.size()), temporal::enlarged(visible, size, here.size()),
          temporal::enlarged(temporal::still_places(to, from, flow), size, here.size())};
}

/// Sets to 0 what is white in a picture beside the flow; no picture: all counts.
void leave_out(const std::string& uri, std::vector<std::uint8_t>& counts, Size size) {
  if (store::for_uri(uri).kind(uri) != store::Kind::object) {
    return;
  }
  media::ReaderOptions reading;
  reading.frames_only = true;
  const media::Reader reader(store::for_uri(uri).open(uri), reading);
  if (reader.video().size != size) {
    throw Error(ExitCode::bad_input,
                fmt::format("'{}' has {} pixels and the painting {}; they must be the same", uri,
                            to_string(reader.video().size), to_string(size)));
  }
  Picture mask(size);
  media::ColourConverter().to_picture(reader.first_frame(), mask);
  std::size_t i = 0;
  for (int y = 0; y < size.height; ++y) {
    const float* row = mask.plane(1) + static_cast<std::size_t>(y) * mask.stride();
    for (int x = 0; x < size.width; ++x, ++i) {
      counts[i] = row[x] > 0.5F ? 0 : counts[i];
    }
  }
}

/// A flow field's file, and the number of its frame as it is spelt.
struct FlowFile {
  std::string uri;
  std::string number;
};

/// By that number.
using FlowFiles = std::map<std::size_t, FlowFile>;

Path given_path(const FlowFile& file, const Picture& here, const Picture& there) {
  const Size size = here.size();
  Path path{temporal::read_flo(file.uri), {}, {}};
  if (path.flow.size != size) {
    throw Error(ExitCode::bad_input,
                fmt::format("the flow field '{}' has {} pixels and the painting {}; they must be "
                            "the same",
                            file.uri, to_string(path.flow.size), to_string(size)));
  }
  path.visible.assign(path.flow.dx.size(), 1);
  const std::string folder = std::filesystem::path(file.uri).parent_path().string();
  for (const char* name : {"occ", "invalid"}) {
    leave_out(fmt::format("{}/{}_{}.png", folder, name, file.number), path.visible, size);
  }
  path.still = temporal::still_places(temporal::brightness_of(there, size),
                                      temporal::brightness_of(here, size), path.flow);
  return path;
}

/// The .flo files of a folder, by the frame that they lead from, counted from 1.
FlowFiles list_flow(const std::string& folder) {
  FlowFiles files;
  for (const std::string& uri : store::for_uri(folder).list(folder)) {
    const std::filesystem::path path(uri);
    const std::string stem = path.stem().string();
    const std::size_t end = stem.find_last_of("0123456789");
    if (path.extension() != ".flo" || end == std::string::npos) {
      continue;
    }
    const std::size_t before = stem.find_last_not_of("0123456789", end);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    const std::string number = stem.substr(begin, end + 1 - begin);
    constexpr std::size_t kMostDigits = 9;
    if (number.size() <= kMostDigits) {
      files[std::stoul(number)] = {uri, number};
    }
  }
  if (files.empty()) {
    throw Error(ExitCode::bad_input,
                fmt::format("there are no flow fields called NUMBER.flo in '{}'; give the folder "
                            "that holds them",
                            folder));
  }
  return files;
}

// ---- Measuring ----

FrameMeasure measure_frame(const Moment& now) {
  FrameMeasure measure;
  measure.seconds = now.seconds;
  measure.cut = now.cut;
  measure.sharpness = temporal::sharpness(now.painted);
  measure.source_sharpness = temporal::sharpness(now.source);
  return measure;
}

/// Along a flow from `here` to `there`.
void measure_change(const Path& path, const Moment& here, const Moment& there,
                    FrameMeasure& measure) {
  measure.warping = temporal::warping_error(here.painted, there.painted, path.flow, path.visible);
  measure.source_warping =
      temporal::warping_error(here.source, there.source, path.flow, path.visible);
  measure.flicker = temporal::flicker(here.painted, there.painted, path.still);
  measure.source_flicker = temporal::flicker(here.source, there.source, path.still);
}

/// Moments in their order, `old` of them measured already; `first`: the frame, counted from 0, of
/// the first new one.
void measure_moments(const std::vector<Moment>& moments, std::size_t old, const FlowFiles* files,
                     std::size_t first, std::vector<FrameMeasure>& frames) {
  for_each_index(moments.size() - old, [&](std::size_t i) {
    const Moment& now = moments[i + old];
    FrameMeasure& measure = frames[first + i];
    measure = measure_frame(now);
    if (first + i == 0 || now.cut) {
      return;
    }
    const Moment& before = moments[i + old - 1];
    if (files == nullptr) {
      measure_change(sought_path(now.source, before.source), now, before, measure);
    } else if (const auto file = files->find(first + i); file != files->end()) {
      measure_change(given_path(file->second, before.source, now.source), before, now, measure);
    }
  });
}

/// A frame for each core, as long as there are any.
std::vector<FrameMeasure> measure_all(Pair& pair, const FlowFiles* files, Progress& progress) {
  const auto batch = static_cast<std::size_t>(usable_processors());
  std::vector<FrameMeasure> frames;
  std::vector<Moment> moments;
  for (std::optional<Moment> next = pair.next(); next;) {
    const std::size_t old = moments.size();
    for (; next && moments.size() < old + batch; next = pair.next()) {
      moments.push_back(std::move(*next));
    }
    const std::size_t first = frames.size();
    frames.resize(first + moments.size() - old);
    measure_moments(moments, old, files, first, frames);
    moments.erase(moments.begin(), moments.end() - 1);  // the next one's predecessor
    progress.advance(static_cast<std::int64_t>(frames.size()), frames.back().seconds);
  }
  return frames;
}

void add(temporal::Difference& sum, const temporal::Difference& one) {
  const auto places = static_cast<double>(one.places);
  sum.squared += one.squared * places;
  sum.absolute += one.absolute * places;
  sum.places += one.places;
}

void end_sum(temporal::Difference& sum) {
  const auto places = static_cast<double>(std::max<std::size_t>(1, sum.places));
  sum.squared /= places;
  sum.absolute /= places;
}

}  // namespace

VideoMeasure measure_video(const std::string& painted, const std::string& source,
                           const VideoMeasureOptions& options, Progress& progress) {
  const FlowFiles files = options.flow.empty() ? FlowFiles{} : list_flow(options.flow);
  Pair pair(painted, source);
  const Size size = pair.video().size;
  progress.begin(std::filesystem::path(painted).filename().string(), pair.video().frames,
                 pair.video().duration.count());
  VideoMeasure result{painted, source, options.flow,
                      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height),
                      measure_all(pair, options.flow.empty() ? nullptr : &files, progress)};
  progress.end(true);
  if (result.frames.size() < 2) {
    throw Error(
        ExitCode::bad_input,
        fmt::format("'{}' has a single frame; steadiness takes two, give a video", painted));
  }
  return result;
}

FrameMeasure overall(const VideoMeasure& measure) {
  FrameMeasure sum;
  for (const FrameMeasure& frame : measure.frames) {
    add(sum.warping, frame.warping);
    add(sum.source_warping, frame.source_warping);
    add(sum.flicker, frame.flicker);
    add(sum.source_flicker, frame.source_flicker);
    sum.sharpness += frame.sharpness;
    sum.source_sharpness += frame.source_sharpness;
  }
  for (temporal::Difference* difference :
       {&sum.warping, &sum.source_warping, &sum.flicker, &sum.source_flicker}) {
    end_sum(*difference);
  }
  const auto count = static_cast<double>(std::max<std::size_t>(1, measure.frames.size()));
  sum.sharpness /= count;
  sum.source_sharpness /= count;
  return sum;
}

}  // namespace impasto::job
