#include "learn/balance.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "learn/losses.h"

namespace impasto::learn {
namespace {

TEST(Balance, places_that_the_last_layer_paints_brighter_are_brought_back) {
  torch::manual_seed(4);
  const PaintingNet net(torch::kCPU, torch::kFloat);
  {
    const torch::NoGradGuard no_gradients;
    torch::Tensor(net.parameters().at("out.weight")) *= 0.02;
    torch::Tensor(net.parameters().at("out.bias"))[21] += 0.02;
  }
  std::vector<torch::Tensor> pictures;
  for (int i = 0; i < 4; ++i) {
    pictures.push_back(torch::rand({1, 3, 112, 128}));
  }
  const auto grid = [&] {
    torch::Tensor sum = torch::zeros({3, 8, 8});
    for (const auto& picture : pictures) {
      sum += phase_means(net.paint_exactly(picture))[0][0];
    }
    // What every second block of four has in common.
    return (sum / 4).view({3, 2, 4, 2, 4}).mean({1, 3}).abs().max().item<double>();
  };
  const double before = grid();
  balance_phases(net, pictures);
  EXPECT_GT(before, 0.005);
  EXPECT_LT(grid(), 0.02 * before);
}

}  // namespace
}  // namespace impasto::learn
