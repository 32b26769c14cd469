#pragma once

#include <string>
#include <vector>

namespace impasto::engine {

/// What an instance norm sees: one number a channel.
struct NormStatistics {
  std::string name;              ///< The norm's name in the net; tells one net's from another's.
  std::vector<float> mean;       ///< Of its input, over the picture.
  std::vector<float> deviation;  ///< Standard deviation of its input, over the picture.
};

/// What the values are like that a convolution reads: one number a channel.
struct ActivationStatistics {
  std::string name;
  std::vector<float> mean;
  std::vector<float> low;   ///< Below it lie only outliers (kOutliers of the values).
  std::vector<float> high;  ///< Above it lie only outliers.
};

/// The share of a channel's values on either side that is not counted into its range.
constexpr double kOutliers = 1e-4;

/// The numbers by which a stretch of film is painted in place of each frame's own: with these in
/// its convolutions a net gives every frame, tile and machine the same. They belong to one net and
/// one size of picture.
struct Calibration {
  std::vector<NormStatistics> norms;              ///< In the net's order.
  std::vector<ActivationStatistics> activations;  ///< In the net's order, or not measured.

  [[nodiscard]] bool empty() const { return norms.empty(); }
};

/// What several pictures have in common: of each number the mean over the pictures without the
/// smallest and the largest (from four pictures on), so that one flash does not count; of the
/// ranges the widest, over those pictures that tell them. All of one net. Throws Error(bug) when
/// they are not.
Calibration pooled(const std::vector<Calibration>& pictures);

/// How differently two pictures would be normalised: the root mean square, over all norms and
/// channels, of how far the means lie apart (in deviations) and of the logarithm of the deviations'
/// ratio. 0: the same; 0.1: hardly to be seen; 1: another picture.
double distance(const Calibration& one, const Calibration& other);

/// As a text of JSON and back. Statistics of activations are kept in 16 bits, to which pooled()
/// rounds them, so the way there and back changes nothing. Throws Error(bad_input) for a text that
/// is none.
std::string to_json(const Calibration& calibration);
Calibration calibration_from_json(const std::string& text);

}  // namespace impasto::engine
