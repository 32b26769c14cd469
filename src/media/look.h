#pragma once

#include <optional>
#include <vector>

#include "media/av.h"

namespace impasto::media {

/// What a frame looks like, for telling whether another shows the same scene: a small picture of
/// its brightness, freed of mean and contrast, so that a flash or a fade changes it little.
struct Look {
  std::vector<float> brightness;  ///< Mean 0, variance 1.
  std::vector<float> histogram;   ///< Of its values; sums to 1.
  double contrast = 0;            ///< Standard deviation that the brightness had; white is 1.
};

/// Looks at a planar frame; nothing for one that is blank, all of one brightness.
std::optional<Look> look_at(const AVFrame& frame);

/// 0: the same picture, 1: nothing in common.
double difference(const Look& one, const Look& other);

}  // namespace impasto::media
