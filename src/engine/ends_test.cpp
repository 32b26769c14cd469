#include "engine/ends.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

namespace impasto::engine {
namespace {

Picture noise(Size size) {
  Picture picture(size);
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> value(-0.2F, 1.2F);
  for (std::size_t i = 0; i < 3 * picture.plane_size(); ++i) {
    picture.data()[i] = value(random);
  }
  return picture;
}

/// The place that a mirror image shows, told by walking there.
int walk(int place, int size) {
  int at = 0;
  int step = place < 0 ? -1 : 1;
  for (int i = 0; i != place; i += place < 0 ? -1 : 1) {
    if (at + step < 0 || at + step >= size) {
      step = -step;
    }
    at += step;
  }
  return at;
}

TEST(Ends, fold_blocks_of_the_mirrored_picture_into_channels) {
  for (const Size size : {Size{48, 40}, Size{33, 17}, Size{160, 96}}) {
    const Picture picture = noise(size);
    const Ends ends;
    const Size folded = ends.folded(picture.canvas());
    std::vector<std::uint8_t> blocks(static_cast<std::size_t>(folded.width * folded.height) *
                                     ends.channels());
    fold(picture, ends, blocks.data());
    std::size_t at = 0;
    for (int y = 0; y < folded.height; ++y) {
      for (int x = 0; x < folded.width; ++x) {
        for (int row = 0; row < 4; ++row) {
          for (int colour = 0; colour < 3; ++colour) {
            for (int column = 0; column < 4; ++column, ++at) {
              const int source_y = walk(4 * y + row - 16, picture.canvas().height);
              const int source_x = walk(4 * x + column - 16, picture.canvas().width);
              const float value =
                  picture.plane(colour)[static_cast<std::size_t>(source_y) * picture.stride() +
                                        static_cast<std::size_t>(source_x)];
              const float level = std::round(std::min(std::max(value, 0.0F), 1.0F) * 255);
              ASSERT_EQ(blocks[at], static_cast<int>(level)) << x << ' ' << y;
            }
          }
        }
      }
    }
  }
}

TEST(Ends, unfold_blocks_and_cut_the_margin_off) {
  const Ends ends;
  Picture picture(Size{48, 40});
  const Size unfolded = ends.unfolded(picture.canvas());
  std::vector<float> blocks(static_cast<std::size_t>(unfolded.width * unfolded.height) *
                            ends.channels());
  std::minstd_rand random(2);
  std::normal_distribution<float> value(0, 3);
  for (float& one : blocks) {
    one = value(random);
  }
  blocks[0] = INFINITY;
  unfold(blocks.data(), ends, picture);
  for (int colour = 0; colour < 3; ++colour) {
    for (int y = 0; y < picture.canvas().height; ++y) {
      for (int x = 0; x < picture.canvas().width; ++x) {
        const int block = (y / 4 + 1) * unfolded.width + x / 4 + 1;
        const int channel = colour * 16 + y % 4 * 4 + x % 4;
        const double from =
            blocks[static_cast<std::size_t>(block) * 48 + static_cast<std::size_t>(channel)];
        ASSERT_NEAR(picture.plane(colour)[static_cast<std::size_t>(y) * picture.stride() +
                                          static_cast<std::size_t>(x)],
                    1 / (1 + std::exp(-2 * from)), 5e-7);
      }
    }
  }
}

TEST(Ends, unfold_16_bit_floats_as_they_unfold_the_same_in_32) {
  const Ends ends;
  Picture wide(Size{48, 40});
  Picture narrow(Size{48, 40});
  const Size unfolded = ends.unfolded(wide.canvas());
  std::vector<float> blocks;
  std::vector<Bfloat16> halves;
  for (int i = 0; i < unfolded.width * unfolded.height * 48; ++i) {
    const auto upper = static_cast<std::uint16_t>((i % 2 == 0 ? 0x3E00 : 0xBE00) + i % 512);
    halves.push_back(Bfloat16{upper});
    blocks.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16U));
  }
  unfold(blocks.data(), ends, wide);
  unfold(halves.data(), ends, narrow);
  const std::size_t size = 3 * wide.plane_size();
  EXPECT_TRUE(std::equal(wide.data(), wide.data() + size, narrow.data()));
}

TEST(Ends, give_0_to_1_for_whatever_a_net_gives) {
  Picture picture(Size{32, 32});
  const Ends ends;
  constexpr std::size_t kBlocks = 100;
  std::vector<float> blocks(kBlocks * ends.channels(), 0);
  const std::size_t first = (10 + 1) * ends.channels();
  blocks[first] = 1000;
  blocks[first + 1] = -1000;
  unfold(blocks.data(), ends, picture);
  EXPECT_FLOAT_EQ(picture.plane(0)[0], 1);
  EXPECT_NEAR(picture.plane(0)[1], 0, 1e-30);
  EXPECT_FLOAT_EQ(picture.plane(0)[2], 0.5F);
}

}  // namespace
}  // namespace impasto::engine
