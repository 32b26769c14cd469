#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "temporal/matching.h"

namespace impasto::temporal {

/// How the picture of a plane moves as seen by a camera: a homography, in coordinates relative to
/// the picture's middle and width.
class PlaneMotion {
 public:
  PlaneMotion() = default;  ///< Nothing moves.
  PlaneMotion(const std::array<double, 8>& terms, Size picture);

  struct Place {
    float x = 0;
    float y = 0;
  };
  /// Where what is at the cell (x, y) goes to, in cells. No number where that is behind the camera.
  [[nodiscard]] Place moved(float x, float y) const;

  /// The motion back.
  [[nodiscard]] PlaneMotion turned() const;

 private:
  std::array<double, 9> cells_{1, 0, 0, 0, 1, 0, 0, 0, 1};  ///< From cells to cells.
};

constexpr std::size_t kMostPlanes = 7;

/// How far, in cells, matches may be from a plane's motion to be part of it.
constexpr float kPlaneTolerance = 2;

/// The planes that most of the sure matches lie on, the largest first, each given as its motion
/// from one picture to the other: RANSAC from three neighbours, grown by least squares (Chum, Matas
/// and Kittler, "Locally Optimized RANSAC", 2003), one plane after the other. Streets, walls,
/// fields and all that is far away are such planes, however little of them can be matched, and
/// nothing else knows how a dark or a blurred part of them moves. The same each time.
std::vector<PlaneMotion> find_planes(const MatchesBothWays& matches);

}  // namespace impasto::temporal
