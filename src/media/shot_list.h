#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "media/av.h"
#include "media/look.h"

namespace impasto::media {

/// Tells the shots of a film that is read in one go: a cut is where no frame before is like any of
/// the few frames after, and where the change is sudden. So neither a flash of up to five frames
/// nor fast movement is one, and none is missed for a flash that ends three frames before it. Blank
/// frames are no shot of their own: what comes after them is compared with what came before, so a
/// fade out and in again is no cut; before another scene, the shot begins with the last few of
/// them. Shots have three frames or more. Dissolves are not told.
class ShotLister {
 public:
  /// Frames that are held back until they are told of.
  static constexpr std::size_t kAhead = 6;

  struct Told {
    FramePtr frame;
    bool begins_shot = false;  ///< Not the film's first frame.
    double contrast = 0;       ///< As Look has it; 0: a blank frame, as at the bottom of a fade.
  };

  /// Takes the next frame, planar.
  void see(FramePtr frame);
  /// No more frames are coming: the rest can be told of.
  void end() { ended_ = true; }
  /// The next frame in order, once enough is known; none: show more frames, or that was all.
  std::optional<Told> next();

 private:
  struct Coming {
    FramePtr frame;
    std::optional<Look> look;
  };

  [[nodiscard]] bool begins_shot() const;
  [[nodiscard]] double usual_change() const;

  static constexpr std::size_t kChanges = 3;

  std::deque<Coming> coming_;               ///< The first one is told of next.
  std::deque<Look> before_;                 ///< Frames that were not blank, the latest last.
  std::array<double, kChanges> changes_{};  ///< From each of the last of those to the next.
  std::int64_t shot_frames_ = 0;
  bool ended_ = false;
};

}  // namespace impasto::media
