#include "learn/reader_net.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "network/layers.h"
#include "network/reader_file.h"

namespace impasto::learn {
namespace {

/// Leaves memory behind that was written with no numbers, for others to be given.
void soil_memory() {
  constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();
  std::vector<torch::Tensor> all;
  for (std::int64_t size = 256; size < (std::int64_t{1} << 20); size *= 2) {
    all.push_back(torch::full({size}, kNoNumber));
  }
}

/// Gradients of every weight, by name, of one network in one type.
std::map<std::string, torch::Tensor> gradients(torch::Dtype type, const torch::Tensor& painting) {
  torch::manual_seed(3);
  const ReaderNet reader(torch::kCPU, type);
  soil_memory();
  reader.codes(reader.impressions(painting)).square().mean().backward();
  std::map<std::string, torch::Tensor> found;
  for (const auto& [name, parameter] : reader.parameters()) {
    found[name] = parameter.grad();
  }
  return found;
}

TEST(ReaderNet, gives_a_code_for_a_painting_of_any_size) {
  const ReaderNet reader(torch::kCPU, torch::kFloat);
  const auto code = reader.codes(reader.impressions(torch::rand({1, 3, 130, 170})));
  EXPECT_EQ(code.sizes(),
            (std::vector<std::int64_t>{1, static_cast<std::int64_t>(network::kCodeLength)}));
}

TEST(ReaderNet, tells_the_same_code_when_it_was_written_and_read) {
  torch::manual_seed(5);
  const torch::Tensor painting = torch::rand({1, 3, 96, 96});
  const ReaderNet reader(torch::kCPU, torch::kFloat);
  ReaderNet read(torch::kCPU, torch::kFloat);
  const std::string bytes = network::write_reader(reader.weights(), {});
  read.load(network::read_reader(bytes, "made"),
            {torch::rand({1, 3, 64, 64}), torch::zeros({1, 3, 64, 64})});
  const auto wanted = reader.codes(reader.impressions(painting));
  const auto told = read.codes(read.impressions(painting));
  const auto error = (told - wanted).abs().max() / wanted.abs().max();
  EXPECT_LT(error.item<float>(), 0.01F);  // weights are written in 16 bits
}

TEST(ReaderNet, sixteen_bits_learn_nearly_alike) {
  torch::manual_seed(1);
  const torch::Tensor painting = torch::rand({1, 3, 448, 448});
  const auto exact = gradients(torch::kFloat, painting);
  for (const auto& [name, gradient] : gradients(torch::kBFloat16, painting)) {
    const auto& wanted = exact.at(name);
    EXPECT_LT(((gradient - wanted).norm() / wanted.norm()).item<double>(), 0.2) << name;
  }
}

}  // namespace
}  // namespace impasto::learn
