#include "learn/perceptual.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "learn/activations.h"
#include "learn/safetensors.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

/// A network of VGG-19's form with random weights, as a file.
class MadeWeights {
 public:
  MadeWeights() : file_(std::filesystem::temp_directory_path() / "impasto-made-vgg.safetensors") {
    torch::manual_seed(5);
    SafeTensors content;
    const std::vector<std::pair<std::string, int>> layers{
        {"conv1_1", 64},  {"conv1_2", 64},  {"conv2_1", 128}, {"conv2_2", 128}, {"conv3_1", 256},
        {"conv3_2", 256}, {"conv3_3", 256}, {"conv3_4", 256}, {"conv4_1", 512}, {"conv4_2", 512},
        {"conv4_3", 512}, {"conv4_4", 512}, {"conv5_1", 512}};
    int inputs = 3;
    for (const auto& [name, outputs] : layers) {
      const double deviation = std::sqrt(2.0 / (9 * inputs)) / (inputs == 3 ? 255 : 1);
      content.tensors[name + ".codes"] =
          torch::randint(256, {outputs, inputs, 3, 3}, torch::kUInt8);
      content.tensors[name + ".table"] = torch::randn({256}) * deviation;
      content.tensors[name + ".bias"] = torch::randn({outputs}) * 0.1;
      inputs = outputs;
    }
    store::write_all(file_.string(), write_safetensors(content), true);
  }
  MadeWeights(const MadeWeights&) = delete;
  MadeWeights& operator=(const MadeWeights&) = delete;
  ~MadeWeights() { std::filesystem::remove(file_); }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
};

torch::Tensor channels_last(const torch::Tensor& tensor) {
  return tensor.contiguous(at::MemoryFormat::ChannelsLast);
}

TEST(Perceptual, has_stages_of_the_sizes_it_tells) {
  const MadeWeights weights;
  const Perceptual perceptual(weights.file(), torch::kCPU, torch::kFloat);
  const Features features = perceptual(torch::rand({2, 3, 32, 48}), 5);
  EXPECT_EQ(features[0].sizes(), (std::vector<std::int64_t>{2, 64, 32, 48}));
  EXPECT_EQ(features[3].sizes(), (std::vector<std::int64_t>{2, 512, 4, 6}));
  EXPECT_EQ(features[4].sizes(), (std::vector<std::int64_t>{2, 512, 2, 3}));
}

TEST(Perceptual, the_fast_way_equals_the_plain_one_and_so_do_its_gradients) {
  const MadeWeights weights;
  const Perceptual perceptual(weights.file(), torch::kCPU, torch::kBFloat16);
  for (const int width : {32, 38}) {  // the second leaves odd rows to the pools
    const torch::Tensor pictures = torch::rand({2, 3, 32, width}).set_requires_grad(true);
    const auto gradient = [&](const Features& features) {
      torch::Tensor sum;
      for (int stage = 0; stage < 4; ++stage) {
        const auto term = features.at(stage).to(torch::kFloat).square().mean();
        sum = sum.defined() ? sum + term : term;
      }
      return torch::autograd::grad({sum}, {pictures})[0];
    };
    const Features fast = perceptual(pictures, 4);
    const Features plain = perceptual.plain(pictures, 4);
    for (int stage = 0; stage < 4; ++stage) {
      EXPECT_TRUE(torch::equal(fast.at(stage), plain.at(stage))) << stage;
    }
    const auto ours = gradient(fast);
    const auto theirs = gradient(plain);
    EXPECT_LT(((ours - theirs).norm() / theirs.norm()).item<double>(), 0.02) << width;
  }
}

TEST(Perceptual, a_picture_of_one_colour_looks_the_same_to_its_border) {
  const MadeWeights weights;
  const Perceptual perceptual(weights.file(), torch::kCPU, torch::kFloat);
  const Features features = perceptual(torch::full({1, 3, 48, 48}, 0.9F), 3);
  for (int stage = 0; stage < 3; ++stage) {
    const torch::Tensor& seen = features.at(stage);
    EXPECT_TRUE(torch::allclose(seen, seen.slice(2, 0, 1).slice(3, 0, 1).expand_as(seen), 1e-3))
        << stage;
  }
}

TEST(Perceptual, a_missing_file_is_a_sentence) {
  EXPECT_THROW(Perceptual("/nowhere/vgg.safetensors", torch::kCPU, torch::kFloat), Error);
}

TEST(Activations, equal_the_librarys) {
  torch::manual_seed(1);
  const auto flow = channels_last(torch::randn({2, 24, 7, 10}).to(torch::kBFloat16));
  const auto rectified = flow.clone(at::MemoryFormat::ChannelsLast);
  rectify(rectified);
  EXPECT_TRUE(torch::equal(rectified, flow.relu()));
  EXPECT_TRUE(torch::equal(pool(rectified), torch::max_pool2d(flow.relu(), 2)));
}

TEST(Activations, a_gradient_goes_to_the_largest_of_four_and_through_the_relu) {
  torch::manual_seed(1);
  const auto flow = channels_last(torch::randn({1, 16, 6, 8}).to(torch::kBFloat16).relu());
  const auto gradient = channels_last(torch::randn({1, 16, 3, 4}).to(torch::kBFloat16));
  const auto input = flow.to(torch::kFloat).set_requires_grad(true);
  const auto wanted = torch::autograd::grad({torch::max_pool2d(input, 2)}, {input},
                                            {gradient.to(torch::kFloat)})[0] *
                      (flow > 0);
  EXPECT_TRUE(torch::equal(unpool(gradient, flow, pool(flow)).to(torch::kFloat), wanted));
}

TEST(Activations, a_gate_adds_where_the_relu_is_open) {
  const auto make = [](const std::vector<float>& values) {
    return channels_last(torch::tensor(values).view({1, 4, 1, 1}).to(torch::kBFloat16));
  };
  const auto gradient = make({1, 2, 3, 4});
  gate(gradient, make({10, 20, 30, 40}), make({1, 0, 2, 0}), 0);
  EXPECT_TRUE(torch::equal(gradient, make({11, 0, 33, 0})));
  gate(gradient, {}, make({0, 0, 2, 0}), 0);
  EXPECT_TRUE(torch::equal(gradient, make({0, 0, 33, 0})));
}

TEST(Activations, a_gate_adds_the_gradient_of_the_inner_part_in_its_place) {
  torch::manual_seed(1);
  const auto flow = channels_last(torch::randn({2, 8, 6, 7}).to(torch::kBFloat16).relu());
  const auto inner = inner_part(flow, 2);
  EXPECT_TRUE(torch::equal(inner, flow.slice(2, 2, -2).slice(3, 2, -2)));
  const auto gradient = torch::zeros_like(flow);
  gate(gradient, torch::ones_like(inner), flow, 2);
  const auto wanted = torch::constant_pad_nd(inner > 0, {2, 2, 2, 2}, 0).to(torch::kBFloat16);
  EXPECT_TRUE(torch::equal(gradient, wanted));
}

}  // namespace
}  // namespace impasto::learn
