#include "learn/painting_net.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "learn/adam.h"
#include "learn/course.h"
#include "learn/mirrored.h"
#include "learn/record.h"
#include "network/code.h"

namespace impasto::learn {
namespace {

TEST(PaintingNet, paints_pictures_of_any_size_in_their_size) {
  torch::manual_seed(1);
  const PaintingNet net(torch::kCPU, torch::kFloat);
  for (const auto& [height, width] : {std::pair(32, 32), {40, 72}}) {
    const auto painted = net.paint_exactly(torch::rand({2, 3, height, width}));
    EXPECT_EQ(painted.sizes(), (std::vector<std::int64_t>{2, 3, height, width}));
    EXPECT_GE(painted.min().item<float>(), 0);
    EXPECT_LE(painted.max().item<float>(), 1);
  }
}

TEST(PaintingNet, paints_the_border_of_a_flat_area_like_its_inside) {
  torch::manual_seed(5);
  const PaintingNet net(torch::kCPU, torch::kFloat);
  auto picture = torch::rand({1, 3, 64, 256});
  picture.slice(3, 0, 176).fill_(0.1);  // the network sees less than 100 pixels far
  const auto painted = net.paint_exactly(picture);
  const auto blocks = painted.slice(3, 0, 72).unfold(2, 8, 8).unfold(3, 8, 8);
  EXPECT_LT((blocks - blocks.slice(2, 4, 5).slice(3, 4, 5)).abs().max().item<float>(), 1e-4F);
}

TEST(PaintingNet, a_mirror_image_is_what_libtorch_lays_around) {
  torch::manual_seed(6);
  const auto tensor = torch::rand({2, 3, 9, 12});
  const auto expected = torch::nn::functional::pad(
      tensor, torch::nn::functional::PadFuncOptions({2, 2, 2, 2}).mode(torch::kReflect));
  EXPECT_TRUE(torch::equal(mirrored(tensor, 2), expected));
  const auto sixteen = tensor.to(torch::kBFloat16).contiguous(torch::MemoryFormat::ChannelsLast);
  const auto wide = mirrored(sixteen, 2);
  EXPECT_TRUE(torch::equal(wide, expected.to(torch::kBFloat16)));
  EXPECT_TRUE(wide.is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST(PaintingNet, a_code_does_what_scales_and_shifts_do) {
  torch::manual_seed(2);
  PaintingNet net(torch::kCPU, torch::kFloat);
  const network::Code code = values_of(torch::randn({2688}) * 0.2);
  const auto picture = torch::rand({1, 3, 48, 40});
  const auto by_code = net.paint_exactly(picture, torch::tensor(code).view({1, 2688}));
  PaintingNet baked(torch::kCPU, torch::kFloat);
  baked.load(network::bake(net.weights(true), code));
  EXPECT_TRUE(torch::allclose(baked.paint_exactly(picture), by_code, 0, 1e-5));
}

TEST(PaintingNet, sixteen_bits_paint_nearly_alike) {
  torch::manual_seed(3);
  const PaintingNet net(torch::kCPU, torch::kBFloat16);
  const auto picture = torch::rand({1, 3, 64, 64});
  EXPECT_LT((net.paint(picture) - net.paint_exactly(picture)).abs().mean().item<float>(), 0.02F);
}

TEST(PaintingNet, all_its_weights_learn) {
  torch::manual_seed(4);
  const PaintingNet net(torch::kCPU, torch::kBFloat16);
  net.paint(torch::rand({1, 3, 64, 64})).square().mean().backward();
  for (const auto& [name, parameter] : net.parameters()) {
    ASSERT_TRUE(parameter.grad().defined()) << name;
    EXPECT_GT(parameter.grad().abs().sum().item<float>(), 0) << name;
  }
}

TEST(Adam, takes_the_step_worked_out_by_hand) {
  // With a constant gradient every step is as long as the rate.
  auto parameter = torch::tensor({1.0F, 1.0F}).set_requires_grad(true);
  Adam adam;
  adam.add("it", parameter);
  for (int step = 0; step < 3; ++step) {
    (parameter * torch::tensor({2.0F, -0.5F})).sum().backward();
    EXPECT_NEAR(adam.step(0.1, 100), std::sqrt(4.25), 1e-5);
  }
  EXPECT_TRUE(torch::allclose(parameter, torch::tensor({0.7F, 1.3F}), 1e-4));
  EXPECT_FALSE(parameter.grad().defined());
}

TEST(Adam, leaves_all_as_it_was_at_a_gradient_that_is_no_number) {
  auto parameter = torch::tensor({1.0F}).set_requires_grad(true);
  Adam adam;
  adam.add("it", parameter);
  (parameter * NAN).sum().backward();
  EXPECT_FALSE(std::isfinite(adam.step(0.1, 1)));
  EXPECT_EQ(parameter.item<float>(), 1);
}

TEST(Adam, goes_on_from_a_checkpoint_as_if_never_stopped) {
  const auto train = [](Adam& adam, torch::Tensor& parameter, int steps) {
    for (int i = 0; i < steps; ++i) {
      parameter.square().sum().backward();
      adam.step(0.01, 10);
    }
  };
  auto whole = torch::tensor({1.0F, -2.0F}).set_requires_grad(true);
  Adam one;
  one.add("it", whole);
  train(one, whole, 7);

  auto broken = torch::tensor({1.0F, -2.0F}).set_requires_grad(true);
  Adam first;
  first.add("it", broken);
  train(first, broken, 3);
  SafeTensors checkpoint;
  first.save(checkpoint, "adam.");
  const SafeTensors read = read_safetensors(write_safetensors(checkpoint), "it");
  Adam second;
  second.add("it", broken);
  second.load(read, "adam.");
  train(second, broken, 4);
  EXPECT_TRUE(torch::equal(whole, broken));
}

TEST(SafeTensors, come_back_as_they_were_written) {
  SafeTensors content;
  content.tensors["floats"] = torch::randn({3, 4});
  content.tensors["bytes"] = torch::tensor({1, 2, 255}, torch::kUInt8);
  content.metadata["step"] = "12";
  const std::string bytes = write_safetensors(content);
  const SafeTensors read = read_safetensors(bytes, "it");
  EXPECT_TRUE(torch::equal(read.tensors.at("floats"), content.tensors["floats"]));
  EXPECT_TRUE(torch::equal(read.tensors.at("bytes"), content.tensors["bytes"]));
  EXPECT_EQ(read.metadata, content.metadata);
  for (const std::size_t length : {0, 7, 20, static_cast<int>(bytes.size()) - 1}) {
    EXPECT_THROW(read_safetensors(bytes.substr(0, length), "it"), std::exception) << length;
  }
}

TEST(Course, the_rate_rises_then_falls) {
  EXPECT_NEAR(falling_rate(0, 0, 10), 0.1, 1e-9);
  EXPECT_NEAR(falling_rate(0, 10, 10), 1, 1e-9);
  EXPECT_NEAR(falling_rate(0.5, 500, 10), 0.505, 1e-9);
  EXPECT_NEAR(falling_rate(1, 1000, 10), 0.01, 1e-9);
}

TEST(Course, counts_steps_of_earlier_runs) {
  Course course({10, 4}, 3, 60);
  EXPECT_DOUBLE_EQ(course.fraction(), 0.75);
  EXPECT_GE(course.seconds(), 60);
  course.advance();
  EXPECT_TRUE(course.done());
}

TEST(LossRecord, comes_back_from_a_checkpoint) {
  LossRecord record;
  record.add(1.5, {1, 2, 3, 4, 5});
  record.add(2.5, {3, 4, 5, 6, 7});
  SafeTensors checkpoint;
  record.save(checkpoint);
  LossRecord other;
  other.load(checkpoint);
  EXPECT_DOUBLE_EQ(other.recent(2).style, 3);
  EXPECT_DOUBLE_EQ(other.recent(1).content, 3);
}

}  // namespace
}  // namespace impasto::learn
