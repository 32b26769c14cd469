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

/// Places to look at inside a part of the clip, the best first; the last is for clips some part of
/// which is blank throughout, and lies where no other part looks.
constexpr std::array<double, 3> kPlaces{0.5, 0.8, 0.25};
constexpr double kSparePlace = 0.98;
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

/// Gathers frames that show something.
struct Search {
  std::shared_ptr<store::Source> source;
  media::Seconds step;  ///< Length of a part.
  Size size;
  int threads = 0;
  media::ColourConverter converter{};
  std::vector<Moment> found{};
  std::optional<Moment> best_blank{};

  /// `place` counts in parts. True when it has given a new moment, or one that was there already
  /// (clips of few frames show the same one in several parts).
  bool look_at(double place) {
    auto moment = moment_at(source, step * place, size, threads, converter);
    if (!moment) {
      return false;
    }
    const double seen = detail(moment->picture);
    if (seen <= kBlank) {
      if (!best_blank || seen > detail(best_blank->picture)) {
        best_blank = std::move(moment);
      }
      return false;
    }
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&](const Moment& one) { return one.time == moment->time; });
    if (!known) {
      found.push_back(std::move(*moment));
    }
    return true;
  }

  void look_into(int part) {
    std::any_of(kPlaces.begin(), kPlaces.end(),
                [&](double place) { return look_at(part + place); });
  }
};

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
  Search search{source, video.duration / count, size, threads};
  for (int part = 0; part < count && !video.still; ++part) {
    search.look_into(part);
  }
  for (int part = count - 1; part >= 0 && !search.found.empty() && !video.still; --part) {
    if (static_cast<int>(search.found.size()) < count) {
      search.look_at(part + kSparePlace);
    }
  }
  std::vector<Moment> moments = std::move(search.found);
  if (moments.empty() && search.best_blank) {
    moments.push_back(std::move(*search.best_blank));
  }
  if (moments.empty()) {
    media::ColourConverter converter;
    moments.push_back(moment_of(whole.first_frame(), whole, size, converter));
  }
  std::sort(moments.begin(), moments.end(),
            [](const Moment& one, const Moment& other) { return one.time < other.time; });
  return moments;
}

}  // namespace impasto::job
