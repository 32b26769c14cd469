#include "job/film_by_time.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/error.h"

namespace impasto::job {

FilmByTime::FilmByTime(const std::string& uri, bool frames_only, int threads)
    : source_(store::for_uri(uri).open(uri)) {
  options_.frames_only = frames_only;
  options_.threads = threads;
  reader_ = std::make_unique<media::Reader>(source_, options_);
  origin_ = reader_->first_frame().pts;
}

const AVFrame* FilmByTime::coming() {
  while (!coming_ && !ended_) {
    media::ReadItem item = reader_->next();
    if (auto* frame = std::get_if<media::FramePtr>(&item)) {
      coming_ = std::move(*frame);
    }
    ended_ = std::holds_alternative<std::monostate>(item);
  }
  return coming_.get();
}

FilmByTime::SharedFrame FilmByTime::at(double time) {
  while (coming() != nullptr && (!current_ || seconds(coming_->pts) <= time + kTolerance)) {
    pass_on();
  }
  return current_;
}

bool FilmByTime::is_over_at(double time) {
  return coming() == nullptr && time > seconds(current_->pts) + kTolerance &&
         time > seconds(current_->pts + current_->pkt_duration) - kTolerance;
}

void FilmByTime::skip_towards(double time) {
  constexpr double kBefore = 5;
  if (time <= kBefore) {
    return;
  }
  const std::int64_t begin = reader_->format().start_time;
  const double origin = static_cast<double>(origin_) * av_q2d(video().time_base) -
                        (begin == AV_NOPTS_VALUE ? 0 : static_cast<double>(begin) / AV_TIME_BASE);
  options_.start = media::Seconds(std::max(0.0, origin + time - kBefore));
  try {
    auto later = std::make_unique<media::Reader>(source_, options_);
    if (seconds(later->first_frame().pts) <= time + kTolerance) {
      reader_ = std::move(later);
    }
  } catch (const Error& error) {
    if (error.code() != ExitCode::bad_input) {
      throw;
    }  // it ends before: its last frame is looked for from the beginning
  }
}

}  // namespace impasto::job
