#include "learn/mirrored.h"

#include <torch/utils.h>

namespace impasto::learn {

torch::Tensor mirrored(const torch::Tensor& tensor, std::int64_t margin) {
  torch::Tensor wider = tensor;
  for (const std::int64_t side : {2, 3}) {
    const auto before = wider.narrow(side, 1, margin).flip(side);
    const auto after = wider.narrow(side, wider.size(side) - margin - 1, margin).flip(side);
    wider = torch::cat({before, wider, after}, side);
  }
  return wider;
}

torch::Tensor means_around(const torch::Tensor& tensor, std::int64_t reach) {
  // By lines and then by columns: the library's pooling adds up every square from the start.
  const auto side = 2 * reach + 1;
  return torch::avg_pool2d(torch::avg_pool2d(mirrored(tensor, reach), {1, side}, {1, 1}), {side, 1},
                           {1, 1});
}

}  // namespace impasto::learn
