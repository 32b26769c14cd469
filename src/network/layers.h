#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace impasto::network {

/// One 3x3 convolution of the network.
struct Layer {
  const char* name;
  std::int64_t inputs;   ///< Channels that it takes.
  std::int64_t outputs;  ///< Channels that it gives.
  std::int64_t stride;
  bool normed;  ///< An instance norm with a scale and a shift follows, and there is no bias.
};

/// Side of the block of pixels that is folded into channels.
inline constexpr std::int64_t kFold = 4;

// No convolution pads: each takes one place away on every side of what it is given. Where these
// would run out, a mirror image is laid around; so nothing tells the network where a picture ends.

/// Pixels of mirror image around the picture.
inline constexpr std::int64_t kMargin = 16;
/// Places of mirror image around what a residual block is given; its two convolutions take them.
inline constexpr std::int64_t kBlockMargin = 2;
/// Places of mirror image around the last block's result, which leave a margin to the end.
inline constexpr std::int64_t kUpMargin = 1;
/// Pixels of the margin that are left at the end and cut off.
inline constexpr std::int64_t kCut = 4;
/// Added to the variance by every norm.
inline constexpr float kEpsilon = 1e-5F;

/// The network in the order of its computation: docs/architecture.md has the drawing.
inline constexpr std::array<Layer, 13> kLayers{{
    {"stem", 48, 64, 1, true},
    {"down", 64, 128, 2, true},
    {"block0.a", 128, 128, 1, true},
    {"block0.b", 128, 128, 1, true},
    {"block1.a", 128, 128, 1, true},
    {"block1.b", 128, 128, 1, true},
    {"block2.a", 128, 128, 1, true},
    {"block2.b", 128, 128, 1, true},
    {"block3.a", 128, 128, 1, true},
    {"block3.b", 128, 128, 1, true},
    {"up", 128, 64, 1, true},
    {"mix", 64, 64, 1, true},
    {"out", 64, 48, 1, false},
}};

/// Residual blocks.
inline constexpr std::size_t kBlocks = 4;

/// Numbers in a code: a scale and a shift for each channel that a norm follows.
constexpr std::size_t code_length() {
  std::size_t length = 0;
  for (const Layer& layer : kLayers) {
    length += layer.normed ? 2 * static_cast<std::size_t>(layer.outputs) : 0;
  }
  return length;
}
inline constexpr std::size_t kCodeLength = code_length();
static_assert(kCodeLength == 2688);

/// Values of a layer's weight [outputs, inputs, 3, 3].
constexpr std::size_t weight_size(const Layer& layer) {
  return static_cast<std::size_t>(layer.outputs * layer.inputs * 9);
}

}  // namespace impasto::network
