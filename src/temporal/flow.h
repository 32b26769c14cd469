#pragma once

#include <cstdint>
#include <vector>

#include "base/picture.h"
#include "base/size.h"

namespace impasto::temporal {

/// How bright a picture is, in 8 bits, [height, width] without padding: what flow is sought in.
struct Brightness {
  Size size;
  std::vector<std::uint8_t> values;
};

/// The size to seek flow at: `picture` itself or, where its longer side has more than `longest`
/// pixels, that shrunk by the smallest whole number that does.
Size working_size(Size picture, int longest);

/// How many pixels of `picture` one of `working` stands for, along each axis.
int step_between(Size picture, Size working);

/// BT.601 luma of the visible picture, each pixel the mean of those it stands for; values outside
/// 0..1 are clipped. `size` as `working_size` gives it.
Brightness brightness_of(const Picture& picture, Size size);

/// Where the places of one picture are found in another: what is at (x, y) here is at
/// (x + dx, y + dy) there. In pixels of the field, [height, width] each.
struct FlowField {
  Size size;
  std::vector<float> dx;
  std::vector<float> dy;
};

/// How much work the search does: `glance` to check another flow by; `quick` to a pixel or two;
/// `careful` smooths what it found as well; `best` where time does not matter.
enum class FlowEffort { glance, quick, careful, best };

/// Dense flow by Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016, as OpenCV
/// does it. Pictures under 16 pixels on a side get a flow of nothing. Thread-safe; uses the calling
/// thread alone. Throws Error(bug) for pictures of different sizes.
FlowField dense_flow(const Brightness& from, const Brightness& to, FlowEffort effort);

/// Flow that is about right made better where the brightness tells how, and smoother: Brox, Bruhn,
/// Papenberg and Weickert, "High Accuracy Optical Flow Estimation Based on a Theory for Warping",
/// 2004, as OpenCV does it. Like `dense_flow` otherwise.
FlowField refined_flow(const Brightness& from, const Brightness& to, const FlowField& flow);

/// How sure it is, 0..1 for each place, that what is seen here is seen there as well: that `there`
/// does not lead outside the picture, and that `back`, the flow the other way, leads home again
/// (Sundaram, Brox and Keutzer, "Dense Point Trajectories by GPU-accelerated Large Displacement
/// Optical Flow", 2010). Below a half it is covered there. `tolerance` is the square of the pixels
/// that even short flow may miss home by; the paper's 0.5 asks for good flow both ways.
std::vector<float> visibility(const FlowField& there, const FlowField& back,
                              float tolerance = 0.5F);

}  // namespace impasto::temporal
