#include "learn/balance.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "learn/losses.h"

namespace impasto::learn {
namespace {

constexpr int kSide = 160;

std::vector<Photo> noise() {
  std::vector<Photo> photos;
  for (int i = 0; i < 4; ++i) {
    const auto bytes = (torch::rand({3, kSide, kSide}) * 255).to(torch::kUInt8).contiguous();
    const auto* first = bytes.data_ptr<std::uint8_t>();
    photos.push_back({{kSide, kSide}, {first, first + bytes.numel()}, "noise"});
  }
  return photos;
}

/// Of what is painted of the photos, the deviation of the place of a 4×4 block that deviates most.
double grid(const PaintingNet& net, const std::vector<Photo>& photos, const torch::Tensor& codes) {
  torch::Tensor sum = torch::zeros({3, 8, 8});
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const auto code =
        codes.defined() ? codes.narrow(0, static_cast<std::int64_t>(i) % 2, 1) : torch::Tensor();
    sum += phase_means(net.paint_exactly(whole_blocks(photos[i], 0, 0), code))[0][0];
  }
  return (sum / 4).view({3, 2, 4, 2, 4}).mean({1, 3}).abs().max().item<double>();
}

TEST(Balance, takes_as_many_photos_as_there_is_time_for) {
  const PaintingNet net(torch::kCPU, torch::kFloat);
  const PhotoSets photos{noise()};
  EXPECT_EQ(balance_photos_within(0, net, photos, torch::kCPU), 16);
  EXPECT_EQ(balance_photos_within(1e6, net, photos, torch::kCPU), kBalancePhotos);
}

TEST(Balance, places_that_the_last_layer_paints_brighter_are_brought_back) {
  torch::manual_seed(4);
  const std::vector<Photo> photos = noise();
  for (const auto& codes : {torch::Tensor(), torch::randn({2, 2688}) * 0.2}) {
    const PaintingNet net(torch::kCPU, torch::kFloat);
    {
      const torch::NoGradGuard no_gradients;
      torch::Tensor(net.parameters().at("out.weight")) *= 0.02;
      torch::Tensor(net.parameters().at("out.bias"))[21] += 0.02;
    }
    const double before = grid(net, photos, codes);
    balance_phases(net, {photos}, torch::kCPU, 1, codes);
    EXPECT_GT(before, 0.005);
    EXPECT_LT(grid(net, photos, codes), 0.1 * before);
  }
}

}  // namespace
}  // namespace impasto::learn
