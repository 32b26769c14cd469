#pragma once

#include <cstddef>
#include <cstdint>

#include "base/picture.h"
#include "engine/bfloat16.h"

namespace impasto::engine {

/// What a net of our own does to the picture before its first convolution and after its last, when
/// a backend leaves that to us: it is nothing but moving values about, which convolution libraries
/// do slowly. Before: a mirror image around the picture, blocks of pixels folded into channels.
/// After: blocks unfolded, what is left of the margin cut off, a sigmoid.
struct Ends {
  int block = 4;    ///< Side of the block of pixels that is folded into channels.
  int margin = 16;  ///< Pixels of mirror image on every side; a multiple of the block.
  int cut = 4;      ///< Pixels of margin that are left at the end; a multiple of the block.
  float gain = 2;   ///< The painting is sigmoid(gain · x).

  /// Size of the folded picture, in blocks.
  [[nodiscard]] Size folded(Size canvas) const {
    return {(canvas.width + 2 * margin) / block, (canvas.height + 2 * margin) / block};
  }
  /// Size of what the last convolution gives, in blocks.
  [[nodiscard]] Size unfolded(Size canvas) const {
    return {(canvas.width + 2 * cut) / block, (canvas.height + 2 * cut) / block};
  }
  /// Channels of both.
  [[nodiscard]] std::size_t channels() const {
    return 3 * static_cast<std::size_t>(block) * static_cast<std::size_t>(block);
  }
};

/// Folds a picture's whole canvas into `blocks` [height, width, channels] of folded(); values are
/// rounded to 8 bits, 0..1 becoming 0..255. A channel is (row of the block, colour, column of the
/// block), the last one fastest.
void fold(const Picture& picture, const Ends& ends, std::uint8_t* blocks);

/// Unfolds `blocks` [height, width, channels] of unfolded() into a picture's whole canvas. A
/// channel is (colour, row of the block, column of the block), the last one fastest.
void unfold(const float* blocks, const Ends& ends, Picture& picture);

void unfold(const Bfloat16* blocks, const Ends& ends, Picture& picture);

}  // namespace impasto::engine
