#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/picture.h"
#include "temporal/flow.h"

namespace impasto::temporal {

/// How two paintings differ, over places and channels; values 0..1.
struct Difference {
  double squared = 0;      ///< Mean square.
  double absolute = 0;     ///< Mean.
  std::size_t places = 0;  ///< Pixels that were compared; 0: nothing could be.
};

/// Warping error (Lai et al., "Learning Blind Video Temporal Consistency", 2018): the difference
/// between `here` and `there`, two paintings, once `there` is moved along `flow`, which leads from
/// here to there at the paintings' own size. `counts`, a value for each pixel, leaves out those
/// that are 0: covered there or unknown. So are places that the flow takes outside or that hold
/// NaN. Bilinear. Throws Error(bug) where sizes differ.
Difference warping_error(const Picture& here, const Picture& there, const FlowField& flow,
                         const std::vector<std::uint8_t>& counts);

/// Flicker: the difference between two paintings at the places that `counts` does not leave out,
/// where the source stood still. Throws Error(bug) where sizes differ.
Difference flicker(const Picture& here, const Picture& there,
                   const std::vector<std::uint8_t>& counts);

/// The places of a grid where the source stood still from one frame to the other: it is found where
/// it was, to a quarter of a cell, and the brightness of its neighbourhood is the same to 1.5/255.
std::vector<std::uint8_t> still_places(const Brightness& previous, const Brightness& current,
                                       const FlowField& flow);

/// Root of the mean square of the brightness' slope from pixel to pixel, values 0..1: the more
/// and the sharper edges, the higher. 0 for a picture of one pixel.
double sharpness(const Picture& picture);

/// A grid's places brought to the size of a picture that it was made for, nearest cell.
std::vector<std::uint8_t> enlarged(const std::vector<std::uint8_t>& cells, Size grid, Size picture);
/// A grid's flow likewise, bilinear and in the picture's pixels.
FlowField enlarged(const FlowField& flow, Size picture);

}  // namespace impasto::temporal
