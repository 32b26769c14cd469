#include "job/calibrate_film.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/interrupt.h"
#include "engine/calibrator.h"
#include "media/colour.h"
#include "media/shot_list.h"

namespace impasto::job {
namespace {

using engine::Calibration;

/// The middle of a picture, as large as is needed to judge by.
Picture middle_of(const Picture& picture) {
  constexpr Size kPart{512, 320};
  const Size size{std::min(picture.size().width, kPart.width),
                  std::min(picture.size().height, kPart.height)};
  Picture part(size);
  const Corner corner{(picture.size().width - size.width) / 2,
                      (picture.size().height - size.height) / 2};
  copy_part(picture, corner, size, part, {});
  part.mirror_into_margin();
  return part;
}

/// Statistics of larger pictures are measured on parts of them.
constexpr Size kMostSeen{1920, 1088};
constexpr int kParts = 3;  // in a row and in a column

/// The size of the picture that statistics are measured on.
Size seen_size(Size size) {
  const bool whole = static_cast<std::int64_t>(size.width) * size.height <=
                     static_cast<std::int64_t>(kMostSeen.width) * kMostSeen.height;
  return whole
             ? size
             : Size{std::min(size.width, kMostSeen.width), std::min(size.height, kMostSeen.height)};
}

/// The picture itself, or parts from all over it, side by side, in its own scale.
Picture to_be_seen(const Picture& picture) {
  const Size size = seen_size(picture.size());
  Picture seen(size);
  const int parts = size == picture.size() ? 1 : kParts;
  const auto begin = [&](int index, int side) { return side * index / parts; };
  for (int row = 0; row < parts; ++row) {
    for (int column = 0; column < parts; ++column) {
      const int left = begin(column, size.width);
      const int top = begin(row, size.height);
      const Size part{begin(column + 1, size.width) - left, begin(row + 1, size.height) - top};
      const auto centre = [&](int index, int side, int length) {
        return std::clamp((2 * index + 1) * side / (2 * parts) - length / 2, 0, side - length);
      };
      const Corner corner{centre(column, picture.size().width, part.width),
                          centre(row, picture.size().height, part.height)};
      copy_part(picture, corner, part, seen, {left, top});
    }
  }
  seen.mirror_into_margin();
  return seen;
}

/// Ranges hardly change within a shot, unless its contrast grows by more than this.
constexpr double kStronger = 1.6;

/// A shot whose end is not known yet.
struct Shot {
  std::int64_t from = 0;
  bool begins_blank = false;
  std::int64_t frames = 0;
  std::int64_t next = 0;  ///< When to look again.
  std::int64_t step = 0;
  double contrast = 0;  ///< The most of the frames looked at.
  media::FramePtr last;
  std::deque<std::pair<std::int64_t, std::future<Calibration>>> waiting;
  std::vector<std::pair<std::int64_t, Calibration>> seen;
};

/// Collects shot after shot while the frames come in.
class Collector {
 public:
  /// `ranges`: measure what int8 needs as well.
  Collector(Size size, std::unique_ptr<engine::Calibrator> calibrator, AVRational time_base,
            bool ranges)
      : size_(size),
        calibrator_(std::move(calibrator)),
        ranges_(ranges),
        second_(std::max<std::int64_t>(1, av_rescale_q(1, {1, 1}, time_base))) {}

  void see(const AVFrame& frame) {
    shots_.see(media::share(frame));
    take_told();
  }

  /// The film without a precision. `until`: the pts after the last frame's.
  FilmCalibration finish(std::int64_t until) {
    shots_.end();
    take_told();
    finish_shot(until);
    return std::move(film_);
  }

  /// Pictures from all over the film, with what they are painted by.
  [[nodiscard]] std::vector<engine::Sample> samples(const FilmCalibration& film) const {
    std::vector<engine::Sample> all;
    for (const auto& [pts, picture] : pictures_) {
      all.push_back({picture, film.stretches[blend_at(film, pts).stretch].calibration});
    }
    return all;
  }

 private:
  void take_told() {
    while (const auto told = shots_.next()) {
      take_frame(*told);
    }
  }

  void take_frame(const media::ShotLister::Told& told) {
    const AVFrame& frame = *told.frame;
    if (told.begins_shot || !shot_) {
      finish_shot(frame.pts);
      shot_.emplace();
      shot_->from = frame.pts;
      shot_->begins_blank = told.contrast == 0;
    }
    if (told.begins_shot) {
      film_.cuts.push_back(frame.pts);
    }
    shot_->last = media::share(frame);
    ++shot_->frames;
    // The first frame of a shot is often half the one before. Of a picture that fades in, the
    // strength is not known until it is there.
    const bool first = shot_->contrast == 0 && told.contrast > 0;
    const bool stronger = told.contrast > kStronger * shot_->contrast;
    const bool due = shot_->contrast > 0 && frame.pts >= shot_->next;
    if (shot_->frames >= 2 && (first || stronger || due)) {
      look_at(frame, stronger);
      shot_->contrast = std::max(shot_->contrast, told.contrast);
    }
  }

  /// `ranges`: measure them as well, where int8 is thought of.
  void look_at(const AVFrame& frame, bool ranges) {
    Shot& shot = *shot_;
    // The step depends on what is known of the frames before the one last looked at: on the film
    // alone, that is, and not on how quickly the device answers.
    take(1);
    if (shot.step == 0) {
      shot.step = second_ / 2;
    } else if (shot.seen.size() >= 2) {
      const double moved =
          engine::distance(shot.seen.back().second, shot.seen[shot.seen.size() - 2].second);
      if (moved > kAlike) {
        shot.step = std::max(shot.step / 2, second_ / 4);
      } else {
        shot.step =
            std::clamp(moved < kAlike / 2 ? shot.step * 2 : shot.step, second_, 4 * second_);
      }
    }
    shot.next = frame.pts + shot.step;
    Picture whole(size_);
    converter_.to_picture(frame, whole);
    keep_part(frame.pts, whole);
    const auto picture = std::make_shared<Picture>(to_be_seen(whole));
    take(static_cast<std::size_t>(calibrator_->concurrency()));
    const bool with_ranges = ranges_ && ranges;
    shot.waiting.emplace_back(frame.pts,
                              std::async(std::launch::async, [this, picture, with_ranges] {
                                return calibrator_->see(*picture, with_ranges);
                              }));
  }

  /// Waits until no more than `left` frames are being looked at.
  void take(std::size_t left) {
    while (shot_->waiting.size() > left) {
      auto [pts, future] = std::move(shot_->waiting.front());
      shot_->waiting.pop_front();
      shot_->seen.emplace_back(pts, future.get());
    }
  }

  void finish_shot(std::int64_t until) {
    if (!shot_) {
      return;
    }
    if (shot_->seen.empty() && shot_->waiting.empty()) {
      look_at(*shot_->last, true);
    }
    take(0);
    std::vector<Stretch> more = stretches_of(shot_->seen, shot_->from, until, second_);
    std::vector<Stretch>& all = film_.stretches;
    if (shot_->begins_blank && !all.empty()) {
      // Nothing is seen there but the tone of the ground, which shall not jump either.
      const std::int64_t end = more.size() > 1 ? more[1].from : until;
      more.front().fade = std::min({second_ / 4, end - shot_->from, shot_->from - all.back().from});
    }
    std::move(more.begin(), more.end(), std::back_inserter(all));
    shot_.reset();
  }

  /// Keeps a part of a few pictures, evenly spread over those that were looked at.
  void keep_part(std::int64_t pts, const Picture& picture) {
    constexpr std::size_t kMost = 3;
    if (looked_++ % every_ != 0) {
      return;
    }
    pictures_.emplace_back(pts, std::make_shared<Picture>(middle_of(picture)));
    if (pictures_.size() > kMost) {
      for (std::size_t i = 1; i < pictures_.size(); ++i) {
        pictures_.erase(pictures_.begin() + static_cast<std::ptrdiff_t>(i));
      }
      every_ *= 2;
    }
  }

  Size size_;
  std::unique_ptr<engine::Calibrator> calibrator_;
  bool ranges_;
  std::int64_t second_;
  media::ShotLister shots_;
  media::ColourConverter converter_;
  std::optional<Shot> shot_;
  FilmCalibration film_;
  std::size_t looked_ = 0;
  std::size_t every_ = 1;
  std::vector<std::pair<std::int64_t, std::shared_ptr<const Picture>>> pictures_;
};

/// Whether "auto" shall think of int8: choosing takes about a second, which short films and small
/// ones do not win back. A length that nobody knows is taken for a long one.
bool is_worth_int8(const media::VideoInfo& video, Size size, const std::string& precision) {
  constexpr double kLeastPixels = 50e6;  // two seconds of 1280x720
  const double frames = video.frames > 0 ? static_cast<double>(video.frames)
                                         : video.duration.count() * av_q2d(video.frame_rate);
  const double pixels = frames * size.width * size.height;
  return precision == "int8" || (precision == "auto" && (frames <= 0 || pixels >= kLeastPixels));
}

/// The collector for a style; none when there is nothing to calibrate.
std::unique_ptr<Collector> make_collector(Size size, const std::filesystem::path& onnx_file,
                                          const engine::PainterOptions& options,
                                          AVRational time_base, bool ranges) {
  engine::PainterOptions plain = options;
  plain.canvas = canvas_for(seen_size(size));
  auto calibrator = engine::make_calibrator(onnx_file, plain);
  return calibrator ? std::make_unique<Collector>(size, std::move(calibrator), time_base, ranges)
                    : nullptr;
}

FilmCalibration finish(Collector& collector, std::int64_t until,
                       const std::filesystem::path& onnx_file,
                       const engine::PainterOptions& options, bool ranges) {
  FilmCalibration film = collector.finish(until);
  film.precision.precision = options.precision;
  if (ranges) {
    const std::vector<engine::Sample> samples = collector.samples(film);
    engine::PainterOptions part = options;
    part.canvas = samples.front().picture->canvas();
    film.precision = engine::choose_precision(onnx_file, part, options.precision, samples);
  }
  return film;
}

/// Shows all frames of a film to somebody, with progress; gives the pts after the last one's.
std::int64_t show_all_frames(media::Reader& reader, const std::string& name, Progress& progress,
                             const FrameObserver& show, const FrameObserver& also) {
  progress.begin(name, reader.video().frames, reader.video().duration.count());
  const std::int64_t first = reader.first_frame().pts;
  const double tick = av_q2d(reader.video().time_base);
  std::int64_t frames = 0;
  std::int64_t until = first;
  for (;;) {
    throw_if_interrupted();
    const media::ReadItem item = reader.next();
    if (std::holds_alternative<std::monostate>(item)) {
      return until;
    }
    if (const auto* frame = std::get_if<media::FramePtr>(&item)) {
      show(**frame);
      if (also) {
        also(**frame);
      }
      until = (*frame)->pts + (*frame)->pkt_duration;
      progress.advance(++frames, static_cast<double>(until - first) * tick);
    }
  }
}

}  // namespace

FilmCalibration calibrate_film(media::Reader& reader, const std::string& name, Size size,
                               const std::filesystem::path& onnx_file,
                               const engine::PainterOptions& options, Progress& progress,
                               const FrameObserver& also) {
  const media::VideoInfo& video = reader.video();
  const bool ranges = is_worth_int8(video, size, options.precision);
  const auto collector = make_collector(size, onnx_file, options, video.time_base, ranges);
  if (!collector) {
    return {};
  }
  try {
    const std::int64_t until = show_all_frames(
        reader, name, progress, [&](const AVFrame& frame) { collector->see(frame); }, also);
    FilmCalibration film = finish(*collector, until, onnx_file, options, ranges);
    progress.end(true);
    return film;
  } catch (...) {
    progress.end(false);
    throw;
  }
}

std::vector<std::int64_t> find_cuts(media::Reader& reader, const std::string& name,
                                    Progress& progress, const FrameObserver& also) {
  media::ShotLister shots;
  std::vector<std::int64_t> cuts;
  const auto take_told = [&] {
    while (const auto told = shots.next()) {
      if (told->begins_shot) {
        cuts.push_back(told->frame->pts);
      }
    }
  };
  try {
    show_all_frames(
        reader, name, progress,
        [&](const AVFrame& frame) {
          shots.see(media::share(frame));
          take_told();
        },
        also);
  } catch (...) {
    progress.end(false);
    throw;
  }
  shots.end();
  take_told();
  progress.end(true);
  return cuts;
}

FilmCalibration calibrate_picture(const AVFrame& frame, Size size,
                                  const std::filesystem::path& onnx_file,
                                  const engine::PainterOptions& options) {
  const auto collector = make_collector(size, onnx_file, options, {1, 1}, true);
  if (!collector) {
    return {};
  }
  collector->see(frame);
  return finish(*collector, frame.pts + 1, onnx_file, options, true);
}

}  // namespace impasto::job
