#include "engine/passes/take_ends.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/ends.h"
#include "engine/passes/calibrated.h"
#include "engine/passes/input.h"
#include "engine/passes/made_net.h"

namespace impasto::engine::passes {
namespace {

using test::MadeNet;

std::shared_ptr<ov::Model> shipped_style(Size canvas) {
  const auto file =
      std::filesystem::path(IMPASTO_SOURCE_DIR) / "styles" / "starry-night" / "style.onnx";
  const auto net = ov::Core().read_model(file.string());
  net->reshape(ov::PartialShape{1, 3, canvas.height, canvas.width});
  return net;
}

TEST(TakeEnds, leaves_a_net_that_paints_the_same) {
  constexpr Size kSize{64, 48};
  Picture picture(kSize);
  std::mt19937 random(2);
  for (std::size_t i = 0; i < 3 * picture.plane_size(); ++i) {
    picture.data()[i] = static_cast<float>(random() % 256) / 255;  // as 8 bits hold it
  }
  const std::vector<float> values(picture.data(), picture.data() + 3 * picture.plane_size());
  auto net = shipped_style(kSize);
  Calibration calibration;
  {
    const auto plain = net->clone();
    settle(plain);
    absorb_input_scale(plain);
    calibration.norms = test::norm_statistics_of(plain, values);
    calibration.activations = test::activation_statistics_of(plain, values);
  }
  paint_by(calibration, net, std::set<std::string>());
  const auto whole = test::run(net, values);
  const auto ends = take_ends(net, ov::element::f32);
  ASSERT_TRUE(ends);

  ov::Core core;
  auto request = core.compile_model(net, "CPU", ov::hint::inference_precision(ov::element::f32))
                     .create_infer_request();
  fold(picture, *ends, request.get_input_tensor().data<std::uint8_t>());
  request.infer();
  Picture painted(kSize);
  unfold(request.get_output_tensor().data<const float>(), *ends, painted);
  double sum = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    sum += std::pow(static_cast<double>(whole[i]) - painted.data()[i], 2);
  }
  EXPECT_LT(std::sqrt(sum / static_cast<double>(whole.size())), 0.5 / 255);
}

TEST(TakeEnds, leaves_other_nets_alone) {
  MadeNet made;
  const auto net = made.model(made.convolution("a", made.picture(), 3, {}, 3, 1, 1));
  settle(net);
  const auto before = test::run(net, test::made_picture());
  EXPECT_FALSE(take_ends(net, ov::element::f32));
  EXPECT_EQ(test::run(net, test::made_picture()), before);
}

}  // namespace
}  // namespace impasto::engine::passes
