#pragma once

#include <array>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/progress.h"
#include "learn/perceptual.h"
#include "media/painted_photo.h"

namespace impasto::learn {

/// How much a block of pixels can be told from its neighbours; of paintings and, to compare, of the
/// photos that they were painted from.
struct GridMeasures {
  /// Power at a period of 8, 4 and 2 pixels against the frequencies beside it, along rows and
  /// along columns: see grid_power().
  std::array<double, 6> power{};
  /// The farthest that the mean of one place within blocks of 8×8 is from the mean of all, in
  /// 1/255, once each pixel's surroundings have been taken off.
  double phase_means = 0;
};

struct PhotoMeasures {
  std::string name;
  double style = 0;
  double content = 0;
  double shift = 0;
};

/// What a style does to photos. Style and content loss are relative errors, as in training; shift
/// error is the mean squared difference of a painting and that of the photo moved.
struct StyleMeasures {
  double style = 0;
  double content = 0;
  double shift = 0;
  GridMeasures painted;
  GridMeasures photos;
  std::vector<PhotoMeasures> each;
};

/// Measures painted photos, as they come in, against a painting [1,3,H,W] in 0..1. All must have
/// one size. Throws Error(bad_input) when there is none, or like read_painted_photo.
StyleMeasures measure(std::istream& painted_photos, const torch::Tensor& painting,
                      const Perceptual& perceptual, Progress& progress);

/// A table for people.
std::string to_table(const StyleMeasures& measures, const std::string& style);

/// All numbers, those of each photo too.
std::string to_json(const StyleMeasures& measures, const std::string& style);

}  // namespace impasto::learn
