#include "job/moments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/interrupt.h"
#include "media/colour.h"

namespace impasto::job {
namespace {

/// Places to look at inside a part of the clip, the best first.
constexpr std::array<double, 3> kPlaces{0.5, 0.8, 0.25};
/// Standard deviation of the green values below which there is nothing to see.
constexpr double kBlank = 0.035;

double detail(const Picture& picture) {
  double sum = 0;
  double squares = 0;
  for (int y = 0; y < picture.size().height; ++y) {
    const float* row = picture.plane(1) + static_cast<std::size_t>(y) * picture.stride();
    for (int x = 0; x < picture.size().width; ++x) {
      sum += row[x];
      squares += static_cast<double>(row[x]) * row[x];
    }
  }
  const double count = static_cast<double>(picture.size().width) * picture.size().height;
  const double mean = sum / count;
  return std::sqrt(std::max(0.0, squares / count - mean * mean));
}

media::Seconds time_of(const AVFrame& frame, const media::Reader& reader) {
  const std::int64_t begin = reader.format().start_time;
  const double origin =
      begin == AV_NOPTS_VALUE ? 0 : static_cast<double>(begin) / static_cast<double>(AV_TIME_BASE);
  const double time = static_cast<double>(frame.pts) * av_q2d(reader.video().time_base);
  return media::Seconds(std::max(0.0, time - origin));
}

Moment moment_of(const AVFrame& frame, const media::Reader& reader, Size size,
                 media::ColourConverter& converter) {
  Moment moment{time_of(frame, reader), Picture(size)};
  converter.to_picture(frame, moment.picture);
  moment.picture.mirror_into_margin();
  return moment;
}

/// The frame at a time, or none when the clip ends before (its length is only what it says of
/// itself).
std::optional<Moment> moment_at(const std::shared_ptr<store::Source>& source, media::Seconds time,
                                Size size, int threads, media::ColourConverter& converter) {
  throw_if_interrupted();
  media::ReaderOptions options;
  options.start = time;
  options.threads = threads;
  options.frames_only = true;
  try {
    const media::Reader reader(source, options);
    return moment_of(reader.first_frame(), reader, size, converter);
  } catch (const Error& error) {
    if (error.code() != ExitCode::bad_input) {
      throw;
    }
    return std::nullopt;
  }
}

/// For clips that do not say how long they are: a frame each second, from the beginning.
std::vector<Moment> take_each_second(const std::shared_ptr<store::Source>& source, int count,
                                     Size size, int threads) {
  media::ReaderOptions options;
  options.threads = threads;
  options.frames_only = true;
  media::Reader reader(source, options);
  media::ColourConverter converter;
  std::vector<Moment> moments;
  while (static_cast<int>(moments.size()) < count) {
    throw_if_interrupted();
    const media::ReadItem item = reader.next();
    if (std::holds_alternative<std::monostate>(item)) {
      break;
    }
    const auto* frame = std::get_if<media::FramePtr>(&item);
    const bool due =
        frame != nullptr &&
        (moments.empty() || time_of(**frame, reader) >= moments.back().time + media::Seconds(1));
    if (due) {
      moments.push_back(moment_of(**frame, reader, size, converter));
    }
  }
  return moments;
}

}  // namespace

Size modest_size(Size video, AVRational sample_aspect, int pixels) {
  const double stretch = sample_aspect.num > 0 ? av_q2d(sample_aspect) : 1.0;
  const double width = video.width * std::max(1.0, stretch);
  const double height = video.height * std::max(1.0, 1 / stretch);
  const double scale = std::min(1.0, std::sqrt(pixels / (width * height)));
  const auto even = [](double length) {
    return std::max(2, 2 * static_cast<int>(std::lround(length / 2)));
  };
  return {even(width * scale), even(height * scale)};
}

std::vector<Moment> take_moments(const std::shared_ptr<store::Source>& source,
                                 const media::Reader& whole, int count, Size size, int threads) {
  const media::VideoInfo& video = whole.video();
  if (!video.still && video.duration.count() <= 0) {
    return take_each_second(source, count, size, threads);
  }
  media::ColourConverter converter;
  std::vector<Moment> moments;
  const media::Seconds step = video.duration / count;
  for (int part = 0; part < count && !video.still; ++part) {
    std::optional<Moment> best;
    for (const double place : kPlaces) {
      auto found = moment_at(source, step * (part + place), size, threads, converter);
      if (found && (!best || detail(found->picture) > detail(best->picture))) {
        best = std::move(found);
      }
      if (best && detail(best->picture) > kBlank) {
        break;
      }
    }
    // Clips of few frames show the same one in several parts.
    if (best && (moments.empty() || best->time > moments.back().time)) {
      moments.push_back(std::move(*best));
    }
  }
  if (moments.empty()) {
    moments.push_back(moment_of(whole.first_frame(), whole, size, converter));
  }
  return moments;
}

}  // namespace impasto::job
