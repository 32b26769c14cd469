#include "learn/norm.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace impasto::learn {
namespace {

struct Case {
  torch::Tensor flow, scale, shift, weight;
};

Case made(std::int64_t codes) {
  torch::manual_seed(3);
  Case one{torch::randn({2, 16, 7, 9}) * 2 + 1, torch::randn({codes, 16}),
           torch::randn({codes, 16}), torch::randn({2, 16, 7, 9})};
  for (torch::Tensor* tensor : {&one.flow, &one.scale, &one.shift}) {
    tensor->set_requires_grad(true);
  }
  return one;
}

using Function = torch::Tensor (*)(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&,
                                   bool);

std::vector<torch::Tensor> gradients(const Case& one, Function function, bool relu) {
  const auto result = function(one.flow, one.scale, one.shift, relu);
  return torch::autograd::grad({(result * one.weight).sum()}, {one.flow, one.scale, one.shift});
}

TEST(Norm, equals_the_plain_form) {
  for (const bool relu : {false, true}) {
    const Case one = made(2);
    EXPECT_TRUE(torch::allclose(norm(one.flow, one.scale, one.shift, relu),
                                plain_norm(one.flow, one.scale, one.shift, relu), 1e-4, 1e-5));
  }
}

TEST(Norm, has_the_gradients_of_the_plain_form) {
  for (const std::int64_t codes : {1, 2}) {
    for (const bool relu : {false, true}) {
      const Case one = made(codes);
      const auto ours = gradients(one, norm, relu);
      const auto plain = gradients(one, plain_norm, relu);
      for (std::size_t i = 0; i < ours.size(); ++i) {
        EXPECT_TRUE(torch::allclose(ours[i], plain[i], 1e-3, 1e-4)) << i;
      }
    }
  }
}

TEST(Norm, works_in_sixteen_bits) {
  const Case one = made(1);
  const auto half = norm(one.flow.to(torch::kBFloat16), one.scale, one.shift, true);
  EXPECT_EQ(half.scalar_type(), torch::kBFloat16);
  const auto whole = plain_norm(one.flow, one.scale, one.shift, true);
  EXPECT_LT((half.to(torch::kFloat) - whole).abs().max().item<float>(), 0.05F);
}

}  // namespace
}  // namespace impasto::learn
