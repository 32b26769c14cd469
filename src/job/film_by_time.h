#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "media/av.h"
#include "media/reader.h"
#include "store/store.h"

namespace impasto::job {

/// The frames of a video by the time since its first one.
class FilmByTime {
 public:
  using SharedFrame = std::shared_ptr<const AVFrame>;

  /// Times are compared with this much tolerance, in seconds: containers round to milliseconds.
  static constexpr double kTolerance = 0.001;

  /// `frames_only`: leave the other streams' packets out. Throws like media::Reader.
  FilmByTime(const std::string& uri, bool frames_only, int threads);

  media::Reader& reader() { return *reader_; }
  [[nodiscard]] const media::VideoInfo& video() const { return reader_->video(); }
  [[nodiscard]] const std::shared_ptr<store::Source>& source() const { return source_; }
  /// The first frame's pts.
  [[nodiscard]] std::int64_t origin() const { return origin_; }
  [[nodiscard]] double seconds(std::int64_t pts) const {
    return static_cast<double>(pts - origin_) * av_q2d(video().time_base);
  }

  /// The next frame, without passing on to it; null at the end.
  const AVFrame* coming();
  void pass_on() { current_ = std::move(coming_); }

  /// The frame that is shown at a time, the last one after the end. Times must not go back.
  SharedFrame at(double time);
  /// Whether the last frame is over at a time that was just asked for.
  [[nodiscard]] bool is_over_at(double time);

  /// Leaves out what comes long before a time, where that can be found out without reading it all.
  void skip_towards(double time);

 private:
  std::shared_ptr<store::Source> source_;
  media::ReaderOptions options_;
  std::unique_ptr<media::Reader> reader_;
  std::int64_t origin_ = 0;
  media::FramePtr coming_;
  SharedFrame current_;
  bool ended_ = false;
};

}  // namespace impasto::job
