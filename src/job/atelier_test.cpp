#include "job/atelier.h"

#include <gmock/gmock.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "base/error.h"
#include "base/sha256.h"
#include "engine/painter.h"
#include "graph/graph.h"
#include "graph/onnx_file.h"
#include "job/painting.h"
#include "media/still_png.h"
#include "network/layers.h"
#include "network/models.h"
#include "network/network_file.h"
#include "store/store.h"

namespace impasto::job {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

void write(const fs::path& file, const std::string& bytes) {
  store::write_all(file.string(), bytes, true);
}

/// Weights of noise: a painter that paints nothing sensible, but always the same.
network::Weights made_weights(unsigned seed) {
  network::Weights weights;
  std::mt19937 random(seed);
  for (const network::Layer& layer : network::kLayers) {
    std::normal_distribution<float> value(0, 1 / std::sqrt(static_cast<float>(layer.inputs * 9)));
    auto& values = weights[std::string(layer.name) + ".weight"];
    values.resize(network::weight_size(layer));
    std::generate(values.begin(), values.end(), [&] { return value(random); });
  }
  weights["out.bias"].resize(48);
  return network::read(network::write_base(weights, {}), "painter");  // rounded as files are
}

/// A reader whose code is a painting's mean red, 2688 times over.
std::string made_reader() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  auto& net = *model.mutable_graph();
  net.set_name("reader");
  auto& painting = *net.add_input();
  painting.set_name("painting");
  graph::set_shape(painting, {1, 3, -1, -1});
  const auto length = static_cast<std::int64_t>(network::kCodeLength);
  std::vector<float> takes_red(3 * network::kCodeLength, 0);
  std::fill_n(takes_red.begin(), network::kCodeLength, 1.0F);
  const std::string weight = graph::add_weight(net, "red", {3, length}, takes_red);
  const auto add = [&](const std::string& op, const std::vector<std::string>& inputs,
                       const std::string& output) -> onnx::NodeProto& {
    auto& node = *net.add_node();
    node.set_op_type(op);
    for (const auto& input : inputs) {
      node.add_input(input);
    }
    node.add_output(output);
    return node;
  };
  auto& mean = add("ReduceMean", {"painting"}, "mean");
  graph::set_attribute(mean, "axes", std::vector<std::int64_t>{2, 3});
  graph::set_attribute(mean, "keepdims", std::int64_t{0});
  add("MatMul", {"mean", weight}, "code");
  auto& code = *net.add_output();
  code.set_name("code");
  graph::set_shape(code, {1, length});
  return model.SerializeAsString();
}

/// A style by the contract that is none of Impasto's own.
std::string foreign_style() {
  onnx::ModelProto model = graph::parse_onnx(made_reader(), "reader");
  auto& net = *model.mutable_graph();
  net.clear_node();
  net.mutable_input(0)->set_name("image");
  net.mutable_output(0)->set_name("painted");
  graph::set_shape(*net.mutable_output(0), {1, 3, -1, -1});
  auto& node = *net.add_node();
  node.set_op_type("Sigmoid");
  node.add_input("image");
  node.add_output("painted");
  graph::set_metadata(model, "name", "foreign");
  return model.SerializeAsString();
}

/// A PNG of one colour.
std::string plain(Size size, float red) {
  Picture picture(size);
  std::fill_n(picture.plane(0), picture.plane_size(), red);
  std::fill_n(picture.plane(1), picture.plane_size(), 0.5F);
  std::fill_n(picture.plane(2), picture.plane_size(), 0.25F);
  return media::encode_sheet(picture, "plain.png");
}

/// A base network, styles and a cache of its own, and nothing else to be found.
class AtelierTest : public ::testing::Test {
 protected:
  AtelierTest() {
    std::string name = (fs::temp_directory_path() / "impasto-atelier-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    setenv("IMPASTO_MODELS", (folder_ / "models").c_str(), 1);
    setenv("IMPASTO_STYLES", (folder_ / "styles").c_str(), 1);
    write(folder_ / "models" / network::kPainterFile,
          network::write_base(base_, {{"steps", "12"}, {"stroke", "1.0"}}));
    write(folder_ / "models" / network::kReaderFile, made_reader());
  }
  ~AtelierTest() override {
    unsetenv("IMPASTO_MODELS");
    unsetenv("IMPASTO_STYLES");
    fs::remove_all(folder_);
  }

  std::string file(const std::string& name, const std::string& bytes) {
    write(folder_ / name, bytes);
    return (folder_ / name).string();
  }
  std::string painting(const std::string& name, float red) {
    return file(name, plain({64, 48}, red));
  }
  std::string own_style(const std::string& name, const network::Weights& weights,
                        const std::string& base) {
    write(folder_ / "styles" / name / "style.onnx",
          network::write_style(weights, {{"name", name}, {"base", base}}));
    return name;
  }

  std::vector<fs::path> kept() const {
    const fs::directory_iterator files(folder_ / "cache/paintings");
    return {begin(files), end(files)};
  }
  network::Weights weights_of(const style::Style& style) const {
    return network::read(store::read_all(style.file.string()), "style");
  }
  /// The first number of a style's code.
  float code_of(const style::Style& style) const {
    return network::code_of(weights_of(style)).front();
  }
  std::string refusal(const std::function<void()>& action,
                      ExitCode code = ExitCode::bad_input) const {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return error.what();
    }
    return "";
  }

  fs::path folder_;
  network::Weights base_ = made_weights(1);
};

TEST_F(AtelierTest, makes_a_style_of_a_painting_and_keeps_it) {
  const std::string red = painting("Red_on Red.png", 0.8F);
  Atelier atelier(folder_ / "cache");
  const style::Style style = atelier.style(red);
  EXPECT_EQ(style.name, "Red_on Red");
  EXPECT_EQ(style.title, "Red on Red");
  EXPECT_EQ(style.painting, "Red_on Red.png");
  EXPECT_EQ(style.author, "Impasto base painter");
  EXPECT_EQ(style.steps, "12");
  EXPECT_NEAR(code_of(style), 0.8, 2e-3);
  const std::string painter = store::read_all(folder_ / "models" / network::kPainterFile);
  EXPECT_EQ(network::read_metadata(store::read_all(style.file), "style")["base"], sha256(painter));

  ASSERT_THAT(kept(), ElementsAre(style.file));
  EXPECT_GT(fs::file_size(style.file), 2000000U);
  EXPECT_EQ(atelier.style(red).sha256, style.sha256);
  EXPECT_EQ(kept().size(), 1U);
}

TEST_F(AtelierTest, knows_a_painting_again_by_its_bytes) {
  Atelier atelier(folder_ / "cache");
  const style::Style one = atelier.style(painting("one.png", 0.3F));
  const style::Style copy = atelier.style(painting("copy.png", 0.3F));
  EXPECT_EQ(copy.file, one.file);
  EXPECT_EQ(copy.name, "copy");
  EXPECT_NE(atelier.style(painting("other.png", 0.4F)).file, one.file);
  write(folder_ / "models" / network::kPainterFile, network::write_base(made_weights(2), {}));
  EXPECT_NE(atelier.style(painting("one.png", 0.3F)).file, one.file) << "another base painter";
}

TEST_F(AtelierTest, makes_a_spoilt_style_anew) {
  Atelier atelier(folder_ / "cache");
  const style::Style style = atelier.style(painting("red.png", 0.8F));
  fs::resize_file(style.file, 1000);
  EXPECT_EQ(atelier.style(painting("red.png", 0.8F)).sha256, style.sha256);
  EXPECT_GT(fs::file_size(style.file), 1000U);
}

TEST_F(AtelierTest, needs_no_cache) {
  const std::string red = painting("red.png", 0.8F);
  fs::path elsewhere;
  {
    Atelier atelier("");
    elsewhere = atelier.style(red).file;
    EXPECT_TRUE(fs::exists(elsewhere));
  }
  EXPECT_FALSE(fs::exists(elsewhere)) << "gone with the atelier";
  Atelier atelier("/proc/no/such/place");
  EXPECT_TRUE(fs::exists(atelier.style(red).file));
}

TEST_F(AtelierTest, keeps_the_latest_only) {
  Atelier atelier(folder_ / "cache");
  fs::create_directories(folder_ / "cache/paintings");
  for (int number = 0; number < 60; ++number) {
    write(folder_ / "cache/paintings" / (std::to_string(number) + ".onnx"), "old");
  }
  const style::Style style = atelier.style(painting("red.png", 0.8F));
  EXPECT_LT(kept().size(), 60U);
  EXPECT_TRUE(fs::exists(style.file));
}

TEST_F(AtelierTest, mixes_paintings_by_their_codes) {
  Atelier atelier(folder_ / "cache");
  const std::string one = painting("one.png", 0.2F);
  const std::string two = painting("two, or so.png", 0.6F);
  const style::Style style = atelier.style(one + ":3," + two + ":1");
  EXPECT_NEAR(code_of(style), 0.3, 3e-3);
  EXPECT_EQ(style.name, "one 0.75 + two, or so 0.25");
  EXPECT_TRUE(network::same_convolutions(weights_of(style), base_));
  EXPECT_NEAR(code_of(atelier.style(two)), 0.6, 3e-3) << "a name with a comma";
}

TEST_F(AtelierTest, mixes_learnt_styles_of_one_base_only) {
  Atelier atelier(folder_ / "cache");
  network::Weights learnt = network::bake(base_, network::Code(network::kCodeLength, 0.5F));
  learnt["up.weight"][0] = 2;
  own_style("learnt", learnt, "b1");
  own_style("plain", network::bake(base_, network::Code(network::kCodeLength, 0.1F)), "b1");
  own_style("stranger", network::bake(made_weights(3), network::Code(network::kCodeLength)), "b2");

  const network::Weights mixed = weights_of(atelier.style("learnt,plain"));
  EXPECT_NEAR(mixed.at("up.weight")[0], 1 + base_["up.weight"][0] / 2, 1e-3);
  EXPECT_NEAR(mixed.at("stem.shift")[0], 0.3, 1e-6);
  EXPECT_THAT(refusal([&] { atelier.style("plain,stranger"); }),
              AllOf(HasSubstr("\"plain\""), HasSubstr("\"stranger\""), HasSubstr("same base")));
  EXPECT_THAT(refusal([&] { atelier.styles_over_time(parse_style_keys("0:plain,1:learnt")); }),
              HasSubstr("do not fade into each other"));
}

TEST_F(AtelierTest, refuses_others_nets_in_a_mix) {
  Atelier atelier(folder_ / "cache");
  write(folder_ / "styles/foreign/style.onnx", foreign_style());
  EXPECT_EQ(atelier.style("foreign").name, "foreign") << "alone it is welcome";
  const std::string red = painting("red.png", 0.8F);
  EXPECT_THAT(refusal([&] { atelier.style("foreign:0.5," + red + ":0.5"); }),
              HasSubstr("\"foreign\" has no code"));
}

TEST_F(AtelierTest, paints_by_a_code_what_the_style_paints) {
  Atelier atelier(folder_ / "cache");
  const std::string one = painting("one.png", 0.2F);
  const std::string two = painting("two.png", 0.9F);
  const TimedStyles timed = atelier.styles_over_time(parse_style_keys("0:" + one + ",1s:" + two));
  EXPECT_EQ(timed.painter.name, "one, then two");
  ASSERT_EQ(timed.keys.size(), 2U);

  engine::PainterOptions options;
  options.precision = "f32";
  options.canvas = canvas_for({64, 48});
  const auto by_code = engine::make_painter(timed.painter.file, options);
  EXPECT_EQ(by_code->info().code_length, network::kCodeLength);
  Picture in({64, 48});
  std::mt19937 random(1);
  std::uniform_real_distribution<float> value(0, 1);
  std::generate_n(in.data(), 3 * in.plane_size(), [&] { return value(random); });
  for (std::size_t key = 0; key < 2; ++key) {
    const auto style = engine::make_painter(atelier.style(key == 0 ? one : two).file, options);
    EXPECT_EQ(style->info().code_length, 0U);
    Picture expected({64, 48});
    Picture painted({64, 48});
    style->paint(in, expected);
    by_code->paint(in, painted, timed.keys[key].code);
    for (std::size_t index = 0; index < 3 * in.plane_size(); ++index) {
      ASSERT_NEAR(painted.data()[index], expected.data()[index], 1e-5);
    }
  }
  Picture painted({64, 48});
  EXPECT_THAT(refusal([&] { by_code->paint(in, painted); }, ExitCode::bug), HasSubstr("code"));
}

TEST_F(AtelierTest, says_what_cannot_be_read_as_a_painting) {
  Atelier atelier(folder_ / "cache");
  const auto sentence = [&](const std::string& what) {
    return refusal([&] { atelier.style(what); });
  };
  EXPECT_THAT(sentence(file("text.jpg", "dear diary")),
              AllOf(HasSubstr("text.jpg"), HasSubstr("no picture")));
  EXPECT_THAT(sentence(file("empty.png", "")), HasSubstr("is empty"));
  EXPECT_THAT(sentence(file("dot.png", plain({1, 1}, 0))), HasSubstr("1x1 pixels"));
  EXPECT_THAT(sentence("none.jpg"), AllOf(HasSubstr("none.jpg"), HasSubstr("no style or file")));
  const std::string whole = plain({300, 200}, 0.5F);
  EXPECT_THAT(sentence(file("half.png", whole.substr(0, whole.size() / 2))), HasSubstr("half.png"));
  EXPECT_FALSE(fs::exists(folder_ / "cache"));
}

TEST_F(AtelierTest, says_where_it_looked_for_the_base_network) {
  EXPECT_EQ(network::find_model(network::kReaderFile), folder_ / "models" / network::kReaderFile);
  EXPECT_THAT(refusal([&] { network::find_model("none.onnx"); }),
              AllOf(HasSubstr("base network"), HasSubstr("no none.onnx in "),
                    HasSubstr((folder_ / "models").string()), HasSubstr("IMPASTO_MODELS")));
}

TEST_F(AtelierTest, takes_paintings_of_any_size) {
  const auto shape = [&](Size size) {
    return read_painting(file("painting.png", plain(size, 0.4F))).shape;
  };
  EXPECT_THAT(shape({1000, 800}), ElementsAre(1, 3, 448, 560));
  EXPECT_THAT(shape({40, 60}), ElementsAre(1, 3, 672, 448));
  EXPECT_THAT(shape({3000, 101}), ElementsAre(1, 3, 448, 896)) << "the middle of a frieze";
  EXPECT_THAT(shape({101, 3000}), ElementsAre(1, 3, 896, 448)) << "the middle of a scroll";
  const engine::Tensor tensor = read_painting(file("painting.png", plain({101, 33}, 0.4F)));
  EXPECT_NEAR(tensor.values.front(), 0.4, 2e-3);
  EXPECT_NEAR(tensor.values.back(), 0.25, 2e-3);
}

}  // namespace
}  // namespace impasto::job
