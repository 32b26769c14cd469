#pragma once

#include <vector>

#include "base/picture.h"
#include "base/size.h"
#include "temporal/flow.h"
#include "temporal/texture.h"

namespace impasto::temporal {

/// What a frame of the source says of how far its painting may lean on the painting before it:
/// where each place was in the frame before, and how much what was there is still the same.
struct Guide {
  Size size;                 ///< Of the grid; a picture has one cell for `step_between` pixels.
  std::vector<float> dx;     ///< Where the place was in the frame before: x + dx, y + dy, in cells.
  std::vector<float> dy;     ///< Exactly 0 where the source stands still.
  std::vector<float> trust;  ///< 0: covered, changed or unknown; 1: the very same.
};

/// How guides are made.
struct GuideOptions {
  int longest = 480;                      ///< Side in pixels that flow is sought at, at most.
  FlowEffort effort = FlowEffort::quick;  ///< For the flow back to the frame before ...
  FlowEffort check = FlowEffort::glance;  ///< ... and for that from there, to see if they agree.
  float patience = 1;    ///< How many times the usual the brightness may change along good flow.
  bool layered = false;  ///< `layered_flow` both ways instead, where the camera moves.
};

/// Flow from `current` back to `previous`, set to exactly nothing where standing still explains the
/// place as well: noise alone makes flow, too. And how sure it is, 0..1, that each place is seen
/// there; see `visibility`.
struct SettledFlow {
  FlowField flow;
  std::vector<float> visible;
};
SettledFlow settled_flow(const Brightness& previous, const Brightness& current,
                         const GuideOptions& options);

/// What a frame of the source looks like to those who make guides.
struct Look {
  Brightness brightness;
  Textures textures;  ///< For layered flow; else empty.
};

/// `size` as `working_size` gives it.
Look look_at(const Picture& picture, Size size, const GuideOptions& options);

/// The guide from one frame of the source to the next, both as `look_at` gives them. Places are not
/// trusted where flow leads outside or not back home, nor where the brightness has changed more
/// than the source's own noise and its edges explain, and with layered flow its blur by motion.
/// Depends on nothing but the two frames, so guides can be made for many frames at once. Throws
/// like `dense_flow`.
Guide guide(const Look& previous, const Look& current, const GuideOptions& options);

}  // namespace impasto::temporal
