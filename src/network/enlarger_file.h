#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "network/network_file.h"

namespace impasto::network {

/// One 3×3 convolution of the enlarger, without padding; a ReLU follows all but the last.
struct EnlargerLayer {
  const char* name;
  std::int64_t inputs;
  std::int64_t outputs;
};

/// The network that brings the brightness of a painting to twice its size with sharp strokes. It
/// works on blocks of 2×2 pixels folded into channels, of which it makes what blocks of 4×4 pixels
/// differ in from the nearest of the pixels given ("Real-Time Single Image and Video
/// Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", Shi et al., 2016).
inline constexpr std::array<EnlargerLayer, 3> kEnlargerLayers{{
    {"first", 4, 32},
    {"second", 32, 32},
    {"third", 32, 16},
}};
inline constexpr std::int64_t kEnlargerBlock = 2;   ///< Side of the blocks that it is given.
inline constexpr std::int64_t kEnlargerFactor = 2;  ///< How much larger it makes a picture.
/// Pixels around the picture that it has to be given: a block for each convolution.
inline constexpr std::int64_t kEnlargerMargin =
    kEnlargerBlock * static_cast<std::int64_t>(kEnlargerLayers.size());

/// The ONNX file of an enlarger: input `blocks` [1,4,H,W], output `details` [1,16,H-6,W-6], each
/// with its channels in the order of rows and columns of a block. Weights by name: "first.weight"
/// [O,I,3,3], "first.bias" … Throws Error(bug) when one is missing.
std::string write_enlarger(const Weights& weights, const Metadata& metadata);

}  // namespace impasto::network
