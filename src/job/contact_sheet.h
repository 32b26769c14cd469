#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "base/picture.h"
#include "media/av.h"
#include "media/colour.h"
#include "media/reader.h"
#include "store/store.h"

namespace impasto::job {

/// Collects moments of a video while it is painted, source and painting, for a sheet at the end.
/// Thread-safe.
class ContactSheet {
 public:
  static constexpr std::size_t kMoments = 6;

  /// `video`: its duration decides which moments are taken.
  ContactSheet(const media::VideoInfo& video, std::int64_t first_pts);

  /// Offers a frame; it is looked at only if a moment falls on it. Both planar.
  void offer(const AVFrame& source, const AVFrame& painted);
  /// Writes the sheet, sources over paintings, and commits it; PNG or JPEG by the sink's name.
  /// Throws like store::write_all.
  void write(store::Sink& sink, const std::string& title) const;

 private:
  struct Moment {
    double seconds = 0;
    Picture source;
    Picture painted;
  };

  Moment take(const AVFrame& source, const AVFrame& painted, double seconds);

  double time_base_;
  std::int64_t first_pts_;
  double step_;  ///< Seconds between moments.
  Size cell_;    ///< In square pixels.
  std::mutex mutex_;
  media::ColourConverter converter_;
  Moment first_;  ///< For clips too short to have moments.
  std::map<std::size_t, Moment> moments_;
};

}  // namespace impasto::job
