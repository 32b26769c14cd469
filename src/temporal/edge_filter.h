#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/size.h"

namespace impasto::temporal {

/// Several values for each place of a grid: [height, width, channels].
template <std::size_t kCount>
struct Volume {
  static constexpr std::size_t kChannels = kCount;
  Size size;
  std::vector<float> values;

  explicit Volume(Size grid)
      : size(grid),
        values(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height) *
               kChannels) {}
  float* at(std::size_t place) { return values.data() + place * kChannels; }
  [[nodiscard]] const float* at(std::size_t place) const {
    return values.data() + place * kChannels;
  }
};

/// Spreads values over a picture, but not across its edges: the recursive filter of Gastal and
/// Oliveira, "Domain Transform for Edge-Aware Image and Video Processing", 2011.
class EdgeFilter {
 public:
  /// `colour`: [height, width, 3] in 8 bits. `reach`: the standard deviation in places; as many
  /// levels of colour as `edge` count like as many places.
  EdgeFilter(const std::vector<std::uint8_t>& colour, Size size, float reach, float edge);

  void apply(Volume<4>& volume) const;
  void apply(Volume<8>& volume) const;

 private:
  template <typename Values>
  void apply_to(Values& volume) const;

  Size size_;
  std::vector<float> across_;  ///< The share that a place takes over from the one on its left ...
  std::vector<float> down_;    ///< ... and from the one above.
};

}  // namespace impasto::temporal
