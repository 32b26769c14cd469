#include "style/import.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "engine/painter.h"
#include "style/probe.h"
#include "style/test_nets.h"

namespace impasto::style {
namespace {

using test::count;
using test::net;
using test::weigh;
using test::weigh_convolution;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

/// Writes a net, imports it and reads the result back.
class Import : public ::testing::Test {
 protected:
  ImportResult import(const onnx::ModelProto& model, const std::string& range = "auto") {
    const auto file = folder_.path() / "net.onnx";
    test::write(file, model);
    ImportOptions options;
    options.name = "tried";
    options.range = range;
    options.overwrite = true;
    ImportResult result = style::import(file, folder_.path() / "styles", options);
    imported_ = test::load(result.style.file);
    return result;
  }

  std::string refusal(const onnx::ModelProto& model) {
    try {
      import(model);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_input);
      return error.what();
    }
    return "";
  }

  test::TestFolder folder_;
  onnx::ModelProto imported_;
};

constexpr const char* kFixed = "(float[1,3,32,48] x) => (float[1,3,32,48] y)";

TEST_F(Import, finds_instance_norms_that_an_exporter_spelt_out) {
  auto model = net(9, kFixed, R"(
    a = Conv <pads=[1,1,1,1]>(x, w1)
    flat = Reshape(a, planes)
    mean = ReduceMean <axes=[3], keepdims=1>(flat)
    centred = Sub(a, mean)
    shifted = Add(centred, tiny)
    square = Mul(centred, shifted)
    flat2 = Reshape(square, planes)
    variance = ReduceMean <axes=[3], keepdims=1>(flat2)
    safe = Add(variance, eps)
    deviation = Sqrt(safe)
    norm = Div(centred, deviation)
    scale4 = Reshape(scale, column)
    shift4 = Reshape(shift, column)
    scaled = Mul(norm, scale4)
    b = Add(scaled, shift4)
    c = Relu(b)
    y = Conv <pads=[1,1,1,1]>(c, w2)
  )");
  weigh_convolution(model, "w1", {4, 3, 3, 3});
  weigh_convolution(model, "w2", {3, 4, 3, 3});
  weigh(model, "planes", {1, 4, 1, -1});
  weigh(model, "column", {-1, 4, 1, 1});
  weigh(model, "tiny", {}, {1e-9F});
  weigh(model, "eps", {}, {1e-3F});
  weigh(model, "scale", {4}, {0.5F, -1, 2, 1});
  weigh(model, "shift", {4}, {0, 0.25F, -1, 3});
  const auto result = import(model);
  EXPECT_EQ(count(imported_, "InstanceNormalization"), 1);
  EXPECT_EQ(count(imported_, "ReduceMean") + count(imported_, "Reshape"), 0);
  EXPECT_LT(result.largest_difference, 1e-4);
  EXPECT_THAT(result.notes, Contains(HasSubstr("1 instance norms")));
  for (const auto& node : imported_.graph().node()) {
    if (node.op_type() == "InstanceNormalization") {
      EXPECT_FLOAT_EQ(graph::find_attribute(node, "epsilon")->f(), 1e-3F);
    }
  }
}

TEST_F(Import, finds_instance_norms_in_another_spelling) {
  // Mean of squares less the square of the mean, and scale and shift worked into one line.
  auto model = net(13, kFixed, R"(
    a = Conv <pads=[1,1,1,1]>(x, w1)
    mean = GlobalAveragePool(a)
    squares = Mul(a, a)
    mean_square = ReduceMean <axes=[2,3], keepdims=1>(squares)
    square_mean = Pow(mean, two)
    variance = Sub(mean_square, square_mean)
    safe = Add(variance, eps)
    root = Sqrt(safe)
    inverse = Reciprocal(root)
    slope = Mul(inverse, scale)
    along = Mul(a, slope)
    back = Mul(mean, slope)
    rest = Sub(shift, back)
    b = Add(along, rest)
    y = Conv <pads=[1,1,1,1]>(b, w2)
  )");
  weigh_convolution(model, "w1", {4, 3, 3, 3});
  weigh_convolution(model, "w2", {3, 4, 3, 3});
  weigh(model, "two", {}, {2});
  weigh(model, "eps", {}, {1e-3F});
  weigh(model, "scale", {1, 4, 1, 1}, {0.5F, -1, 2, 1});
  weigh(model, "shift", {1, 4, 1, 1}, {0, 0.25F, -1, 3});
  import(model);
  EXPECT_EQ(count(imported_, "InstanceNormalization"), 1);
  EXPECT_EQ(count(imported_, "Sqrt"), 0);
}

TEST_F(Import, leaves_a_norm_over_all_channels_as_it_is) {
  auto model = net(13, kFixed, R"(
    a = Conv <pads=[1,1,1,1]>(x, w1)
    mean = ReduceMean <axes=[1,2,3], keepdims=1>(a)
    centred = Sub(a, mean)
    squares = Mul(centred, centred)
    variance = ReduceMean <axes=[1,2,3], keepdims=1>(squares)
    root = Sqrt(variance)
    b = Div(centred, root)
    y = Conv <pads=[1,1,1,1]>(b, w2)
  )");
  weigh_convolution(model, "w1", {4, 3, 3, 3});
  weigh_convolution(model, "w2", {3, 4, 3, 3});
  import(model);
  EXPECT_EQ(count(imported_, "InstanceNormalization"), 0);
  EXPECT_EQ(count(imported_, "Sqrt"), 1);
}

TEST_F(Import, finds_upsampling_spelt_out_in_fixed_reshapes) {
  auto model = net(9, kFixed, R"(
    a = Conv <pads=[1,1,1,1], strides=[2,2]>(x, w1)
    b = Reshape(a, single)
    b0 = Add(b, zero)
    c = Concat <axis=1>(b, b0)
    d = Reshape(c, rows)
    d0 = Add(d, zero)
    e = Concat <axis=1>(d, d0)
    f = Reshape(e, full)
    y = Conv <pads=[1,1,1,1]>(f, w2)
  )");
  weigh_convolution(model, "w1", {4, 3, 3, 3});
  weigh_convolution(model, "w2", {3, 4, 3, 3});
  weigh(model, "single", {-1, 1});
  weigh(model, "rows", {-1, 48});
  weigh(model, "full", {-1, 4, 32, 48});
  weigh(model, "zero", {}, {0});
  const auto result = import(model);
  EXPECT_EQ(count(imported_, "Resize"), 1);
  EXPECT_EQ(count(imported_, "Concat") + count(imported_, "Reshape"), 0);
  EXPECT_LT(result.largest_difference, 1e-6);
}

TEST_F(Import, finds_pixel_shuffles_spelt_out_in_fixed_reshapes) {
  auto model = net(11, kFixed, R"(
    a = Reshape(x, cells)
    b = Transpose <perm=[0,1,3,5,2,4]>(a)
    c = Reshape(b, deep)
    d = Conv <pads=[1,1,1,1]>(c, w1)
    e = Reshape(d, split)
    f = Transpose <perm=[0,1,4,2,5,3]>(e)
    y = Reshape(f, full)
  )");
  weigh_convolution(model, "w1", {12, 12, 3, 3});
  weigh(model, "cells", {1, 3, 16, 2, 24, 2});
  weigh(model, "deep", {1, 12, 16, 24});
  weigh(model, "split", {1, 3, 2, 2, 16, 24});
  weigh(model, "full", {1, 3, 32, 48});
  import(model);
  EXPECT_EQ(count(imported_, "DepthToSpace"), 1);
  EXPECT_EQ(count(imported_, "Reshape") + count(imported_, "Transpose"), 0);
}

TEST_F(Import, brings_old_operators_over) {
  auto model = net(7, kFixed, R"(
    a = Pad <mode="reflect", pads=[0,0,1,1,0,0,1,1]>(x)
    b = Conv <strides=[2,2]>(a, w1)
    c = InstanceNormalization <epsilon=0.001>(b, one, none)
    d = BatchNormalization(c, one, none, none, one)
    e = Upsample <mode="linear", scales=[1.0,1.0,2.0,2.0]>(d)
    f = Clip <min=-2.0, max=2.0>(e)
    g = Dropout(f)
    y = Conv <pads=[1,1,1,1]>(g, w2)
  )");
  weigh_convolution(model, "w1", {4, 3, 3, 3});
  weigh_convolution(model, "w2", {3, 4, 3, 3});
  weigh(model, "one", {4}, {1, 1, 1, 1});
  weigh(model, "none", {4}, {0, 0, 0, 0});
  model.set_ir_version(3);
  for (const auto& weight : model.graph().initializer()) {
    auto& input = *model.mutable_graph()->add_input();
    input.set_name(weight.name());
    graph::set_shape(input, {weight.dims().begin(), weight.dims().end()});
  }
  const auto result = import(model);
  EXPECT_GE(graph::opset(imported_), 13);
  EXPECT_EQ(imported_.graph().input_size(), 1);
  EXPECT_LT(result.largest_difference, 1e-5);
}

TEST_F(Import, frees_resizes_crops_and_transposed_convolutions_of_fixed_sizes) {
  auto model = net(13, kFixed, R"(
    a = Conv <pads=[1,1,1,1], strides=[2,2]>(x, w1)
    b = ConvTranspose <strides=[2,2], output_shape=[32,48]>(a, w2)
    c = Slice(b, starts, ends, axes)
    y = Resize <mode="linear">(c, , , sizes)
  )");
  weigh_convolution(model, "w1", {4, 3, 3, 3});
  weigh_convolution(model, "w2", {4, 3, 4, 4});
  weigh(model, "starts", {2, 2});
  weigh(model, "ends", {30, 46});
  weigh(model, "axes", {2, 3});
  weigh(model, "sizes", {1, 3, 32, 48});
  // A crop by 2 and a resize by 32/28 is a relation of no other size than its own.
  EXPECT_THAT(refusal(model), HasSubstr("paints pictures of one size only"));

  auto fitting = model;
  fitting.mutable_graph()->mutable_node()->DeleteSubrange(2, 2);
  fitting.mutable_graph()->mutable_node(1)->set_output(0, "y");
  import(fitting);
  EXPECT_EQ(graph::find_attribute(imported_.graph().node(1), "output_shape"), nullptr);
}

TEST_F(Import, frees_group_norms_between_fixed_reshapes) {
  auto model = net(13, kFixed, R"(
    a = Conv <pads=[1,1,1,1]>(x, w1)
    groups = Reshape(a, grouped)
    norm = InstanceNormalization(groups, one, none)
    b = Reshape(norm, full)
    y = Conv <pads=[1,1,1,1]>(b, w2)
  )");
  weigh_convolution(model, "w1", {4, 3, 3, 3});
  weigh_convolution(model, "w2", {3, 4, 3, 3});
  weigh(model, "grouped", {0, 2, -1});
  weigh(model, "full", {1, 4, 32, 48});
  weigh(model, "one", {2}, {1, 1});
  weigh(model, "none", {2}, {0, 0});
  EXPECT_THAT(import(model).notes, Contains(HasSubstr("1 reshapes back")));
  EXPECT_EQ(count(imported_, "Shape"), 1);
}

TEST_F(Import, names_the_operator_that_holds_a_net_to_its_size) {
  auto model = net(13, kFixed, R"(
    a = Conv <pads=[1,1,1,1]>(x, w1)
    b = Reshape(a, flat)
    c = MatMul(b, mixing)
    y = Reshape(c, full)
  )");
  weigh_convolution(model, "w1", {3, 3, 3, 3});
  weigh(model, "flat", {3, 1536});
  weigh(model, "full", {1, 3, 32, 48});
  weigh(model, "mixing", {1536, 1536}, std::vector<float>(std::size_t{1536} * 1536, 0.001F));
  EXPECT_THAT(refusal(model), AllOf(HasSubstr("net.onnx"), HasSubstr("operator Reshape \"b\"")));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "styles" / "tried"));
}

TEST_F(Import, tells_the_value_range_by_trying) {
  const auto ranged = [](const std::string& last, float scale, float offset) {
    auto model = net(13, "(float[1,3,H,W] x) => (float[1,3,H,W] y)", "b = Conv(x, w1)\n" + last);
    weigh(model, "w1", {3, 3, 1, 1}, {0.9F, 0.1F, 0, 0, 1, 0, 0, 0.2F, 0.8F});
    weigh(model, "scale", {}, {scale});
    weigh(model, "offset", {}, {offset});
    return model;
  };
  const std::string linear = "c = Mul(b, scale)\ny = Add(c, offset)";
  EXPECT_THAT(import(ranged("y = Tanh(b)", 1, 0)).notes, Contains(HasSubstr("taken in -1..1")));
  EXPECT_THAT(import(ranged("c = Clip(b, offset, scale)\ny = Identity(c)", 255, 0)).notes,
              Contains(HasSubstr("taken in 0..255 and given in 0..255")));
  EXPECT_THAT(import(ranged("y = Clip(b, offset, scale)", 1, 0)).notes,
              Contains(HasSubstr("taken in 0..1 and given in 0..1")));
  EXPECT_THAT(import(ranged(linear, 255, 0)).notes,
              Contains(HasSubstr("taken in 0..1 and given in 0..255")));
  EXPECT_THAT(import(ranged(linear, 1, 0), "255").notes,
              Contains(HasSubstr("taken in 0..255 and given in 0..255")));
}

TEST_F(Import, refuses_what_takes_or_gives_no_pictures) {
  const std::string nodes = "y = Flatten(x)";
  EXPECT_THAT(refusal(net(13, "(float[1,3,32,32] x) => (float[1,1000] y)", nodes)),
              HasSubstr("\"y\" has the shape [1,1000], which is no picture"));
  EXPECT_THAT(refusal(net(13, "(float[1,32,32,3] x) => (float[1,32,32,3] y)", "y = Relu(x)")),
              HasSubstr("export it with the channels first"));
  EXPECT_THAT(
      refusal(net(13, "(float[1,3,32,32] x, float[1] s) => (float[1,3,32,32] y)", "y = Mul(x, s)")),
      HasSubstr("it takes 2 inputs and gives 1 outputs"));
}

TEST_F(Import, keeps_what_a_net_says_of_itself) {
  auto model = net(13, "(float[1,3,H,W] x) => (float[1,3,H,W] y)", "y = Sigmoid(x)");
  graph::set_metadata(model, "painting", "Somebody, Something");
  graph::set_metadata(model, "stroke", "2.0");
  const Style style = import(model).style;
  EXPECT_EQ(style.name, "tried");
  EXPECT_EQ(style.title, "tried");
  EXPECT_EQ(style.painting, "Somebody, Something");
  EXPECT_EQ(style.stroke, "2.0");
}

TEST_F(Import, does_not_replace_a_style_unless_told_to) {
  const auto file = folder_.path() / "net.onnx";
  test::write(file, net(13, "(float[1,3,H,W] x) => (float[1,3,H,W] y)", "y = Sigmoid(x)"));
  ImportOptions options;
  options.name = "twice";
  options.title = "Twice";
  const auto first = style::import(file, folder_.path(), options);
  EXPECT_EQ(first.style.title, "Twice");
  EXPECT_THROW(style::import(file, folder_.path(), options), Error);
  options.overwrite = true;
  EXPECT_EQ(style::import(file, folder_.path(), options).style.sha256, first.style.sha256);
  options.name = "../outside";
  EXPECT_THROW(style::import(file, folder_.path(), options), Error);
}

TEST_F(Import, paints_a_real_net_of_one_size_at_any_other) {
  const auto nets = std::filesystem::path(IMPASTO_SOURCE_DIR) / "../shared/models/thirdparty";
  const auto file = nets / "candy_nc16_256x256.onnx";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << "the real nets are not here";
  }
  ImportOptions options;
  options.name = "candy";
  const auto result = style::import(file, folder_.path(), options);
  EXPECT_LT(result.largest_difference, 1e-3);
  EXPECT_THAT(result.notes, Contains(HasSubstr("15 instance norms")));
  EXPECT_THAT(result.notes, Contains(HasSubstr("2 nearest upsamplings")));
  const Picture picture(Size{101, 67});
  engine::PainterOptions painter_options;
  painter_options.canvas = picture.canvas();
  EXPECT_NO_THROW(engine::make_painter(result.style.file, painter_options));
}

}  // namespace
}  // namespace impasto::style
