#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/picture.h"
#include "media/av.h"
#include "temporal/steadier.h"

namespace impasto::job {

/// The steadying of one film in a pipeline: frames are shown to it in their order, guides are made
/// by the workers for many frames at once, and paintings are blended in order again.
class Steadying {
 public:
  /// `level` above 0; `picture`: the size of the paintings; `cuts`: the pts of frames that are not
  /// to lean on the one before, in order.
  Steadying(double level, Size picture, std::vector<std::int64_t> cuts);

  /// Each frame in order, before any worker has it.
  void see(const AVFrame& frame);

  /// A frame's guide, by a worker. It waits for the worker of the frame before to come as far.
  class Guided {
   public:
    /// Tells the next frame's worker what this one looks like, even if it is given up.
    Guided(Steadying& film, std::int64_t pts);
    Guided(const Guided&) = delete;
    Guided& operator=(const Guided&) = delete;
    ~Guided();

    /// `source` is the frame as it is painted. None at a cut.
    std::shared_ptr<const temporal::Guide> make(const Picture& source);

   private:
    Steadying& film_;
    std::int64_t pts_;
    bool told_ = false;
  };

  /// The paintings in order.
  std::shared_ptr<const Picture> blend(const temporal::Guide* guide, Picture painted) {
    return steadier_.next(guide, std::move(painted));
  }

 private:
  using Look = std::shared_ptr<const temporal::Look>;  ///< Null when a frame was given up.

  struct Place {
    std::promise<Look> look;
    std::optional<std::shared_future<Look>> before;  ///< None at a cut.
  };

  temporal::GuideOptions options_;
  Size working_;
  temporal::Steadier steadier_;
  std::vector<std::int64_t> cuts_;
  std::mutex mutex_;
  std::map<std::int64_t, Place> places_;  ///< By pts, of the frames that are being painted.
  std::optional<std::shared_future<Look>> last_;
};

}  // namespace impasto::job
