#include "engine/ends.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/vectorised.h"

namespace impasto::engine {
namespace {

/// The place that a mirror image without a second edge shows at `place`.
int mirrored(int place, int size) {
  const int last = size - 1;
  const int inside = place < 0 ? -place : place;
  return inside > last ? 2 * last - inside : inside;
}

IMPASTO_VECTORISED
void round_row(const float* from, int count, std::uint8_t* to) {
  for (int x = 0; x < count; ++x) {
    const float level = std::min(std::max(from[x], 0.0F), 1.0F) * 255.0F + 0.5F;
    to[x] = static_cast<std::uint8_t>(static_cast<int>(level));
  }
}

/// sigmoid(gain · x) in place, as 1 / (1 + 2^t): the whole part of t goes into a float's exponent,
/// the rest, -0.5 to 0.5, through the Taylor series of 2^t, whose first term left out is 1.2e-7 of
/// the result there.
IMPASTO_VECTORISED
void sigmoid_row(float* row, int count, float gain) {
  constexpr float kLog2OfE = 1.44269504F;
  constexpr float kMost = 126;  // a float's exponent ends there
  constexpr int kExponentBit = 23;
  constexpr float kTerms[] = {1.0F,        0.69314718F, 0.24022651F, 0.05550411F,
                              0.00961813F, 0.00133336F, 0.000154035F};  // ln(2)^n / n!
  for (int x = 0; x < count; ++x) {
    const float t = std::min(std::max(-gain * kLog2OfE * row[x], -kMost), kMost);
    const int whole = static_cast<int>(t + (t < 0 ? -0.5F : 0.5F));
    const float rest = t - static_cast<float>(whole);
    float power = kTerms[6];
    power = power * rest + kTerms[5];
    power = power * rest + kTerms[4];
    power = power * rest + kTerms[3];
    power = power * rest + kTerms[2];
    power = power * rest + kTerms[1];
    power = power * rest + kTerms[0];
    const auto bits = std::bit_cast<std::int32_t>(power) + (whole << kExponentBit);
    row[x] = 1 / (1 + std::bit_cast<float>(bits));
  }
}

IMPASTO_VECTORISED
void widen_row(const Bfloat16* from, int count, float* to) {
  for (int x = 0; x < count; ++x) {
    to[x] = widened(from[x]);
  }
}

/// `blocks` groups of `block` values, which are `from_stride` and `to_stride` values apart.
template <typename Value>
void move_groups(const Value* from, std::size_t from_stride, int blocks, int block, Value* to,
                 std::size_t to_stride) {
  constexpr int kUsual = 4;
  if (block == kUsual) {  // a move of a known size is one instruction
    for (int x = 0; x < blocks; ++x, from += from_stride, to += to_stride) {
      std::memcpy(to, from, kUsual * sizeof(Value));
    }
    return;
  }
  const std::size_t bytes = static_cast<std::size_t>(block) * sizeof(Value);
  for (int x = 0; x < blocks; ++x, from += from_stride, to += to_stride) {
    std::memcpy(to, from, bytes);
  }
}

void finish_row(const float* row, int count, float* to) { std::copy_n(row, count, to); }
void finish_row(const Bfloat16* row, int count, float* to) { widen_row(row, count, to); }

template <typename Value>
void unfold_values(const Value* blocks, const Ends& ends, Picture& picture) {
  const Size canvas = picture.canvas();
  const auto stride = static_cast<std::size_t>(ends.unfolded(canvas).width) * ends.channels();
  const auto block = static_cast<std::size_t>(ends.block);
  const auto cut = static_cast<std::size_t>(ends.cut / ends.block);
  std::vector<Value> values(static_cast<std::size_t>(canvas.width));
  for (std::size_t y = 0; y < static_cast<std::size_t>(canvas.height); ++y) {
    const Value* line = blocks + (y / block + cut) * stride + cut * ends.channels();
    for (std::size_t colour = 0; colour < 3; ++colour) {
      float* row = picture.plane(static_cast<int>(colour)) + y * picture.stride();
      move_groups(line + (colour * block + y % block) * block, ends.channels(),
                  canvas.width / ends.block, ends.block, values.data(), block);
      finish_row(values.data(), canvas.width, row);
      sigmoid_row(row, canvas.width, ends.gain);
    }
  }
}

}  // namespace

void fold(const Picture& picture, const Ends& ends, std::uint8_t* blocks) {
  const Size canvas = picture.canvas();
  const Size folded = ends.folded(canvas);
  const std::size_t channels = ends.channels();
  const auto block = static_cast<std::size_t>(ends.block);
  std::vector<std::uint8_t> row(static_cast<std::size_t>(canvas.width + 2 * ends.margin));
  for (int y = 0; y < folded.height * ends.block; ++y) {
    const auto source = static_cast<std::size_t>(mirrored(y - ends.margin, canvas.height));
    std::uint8_t* line = blocks +
                         static_cast<std::size_t>(y / ends.block) *
                             static_cast<std::size_t>(folded.width) * channels +
                         static_cast<std::size_t>(y % ends.block) * 3 * block;
    for (std::size_t colour = 0; colour < 3; ++colour) {
      std::uint8_t* inside = row.data() + ends.margin;
      round_row(picture.plane(static_cast<int>(colour)) + source * picture.stride(), canvas.width,
                inside);
      for (int x = 1; x <= ends.margin; ++x) {
        inside[-x] = inside[mirrored(-x, canvas.width)];
        inside[canvas.width - 1 + x] = inside[mirrored(canvas.width - 1 + x, canvas.width)];
      }
      move_groups(row.data(), block, folded.width, ends.block, line + colour * block, channels);
    }
  }
}

void unfold(const float* blocks, const Ends& ends, Picture& picture) {
  unfold_values(blocks, ends, picture);
}

void unfold(const Bfloat16* blocks, const Ends& ends, Picture& picture) {
  unfold_values(blocks, ends, picture);
}

}  // namespace impasto::engine
