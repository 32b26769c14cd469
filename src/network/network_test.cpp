#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/error.h"
#include "base/half.h"
#include "engine/net_runner.h"
#include "network/layers.h"
#include "network/network_file.h"

namespace impasto::network {
namespace {

using engine::NetRunner;
using engine::Tensor;
using ::testing::HasSubstr;

std::vector<float> noise(std::size_t count, float mean, float spread, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> value(mean, spread);
  std::vector<float> values(count);
  for (float& one : values) {
    one = value(random);
  }
  return values;
}

/// Convolutions of noise that keep the size of their values, rounded to 16 bits as files hold them.
Weights made_base(unsigned seed) {
  Weights weights;
  for (const Layer& layer : kLayers) {
    const float spread = 1 / std::sqrt(static_cast<float>(layer.inputs * 9));
    auto& values = weights[std::string(layer.name) + ".weight"];
    values = noise(weight_size(layer), 0, spread, seed++);
    for (float& value : values) {
      value = from_half(to_half(value));
    }
  }
  weights["out.bias"] = noise(48, 0, 0.2F, seed);
  return weights;
}

Code made_code(unsigned seed) { return noise(kCodeLength, 0, 0.3F, seed); }

Tensor made_picture(std::int64_t width, std::int64_t height, unsigned seed) {
  Tensor picture{{1, 3, height, width}, {}};
  picture.values = noise(static_cast<std::size_t>(3 * width * height), 0.5F, 0.2F, seed);
  return picture;
}

float largest_difference(const std::vector<float>& one, const std::vector<float>& other) {
  EXPECT_EQ(one.size(), other.size());
  float largest = 0;
  for (std::size_t index = 0; index < std::min(one.size(), other.size()); ++index) {
    largest = std::max(largest, std::abs(one[index] - other[index]));
  }
  return largest;
}

/// A net's file in a folder of its own, gone at the end.
class FileOf {
 public:
  explicit FileOf(const std::string& bytes) {
    std::string name = (std::filesystem::temp_directory_path() / "impasto-network-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::ofstream(path(), std::ios::binary) << bytes;
  }
  FileOf(const FileOf&) = delete;
  FileOf& operator=(const FileOf&) = delete;
  ~FileOf() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path path() const { return folder_ / "net.onnx"; }

 private:
  std::filesystem::path folder_;
};

// The network once more, in plain loops.

/// Planes [channels][height][width].
struct Planes {
  std::int64_t channels;
  std::int64_t height;
  std::int64_t width;
  std::vector<float> values;

  Planes(std::int64_t c, std::int64_t h, std::int64_t w)
      : channels(c), height(h), width(w), values(static_cast<std::size_t>(c * h * w)) {}
  float& at(std::int64_t c, std::int64_t y, std::int64_t x) {
    return values[static_cast<std::size_t>((c * height + y) * width + x)];
  }
  [[nodiscard]] float at(std::int64_t c, std::int64_t y, std::int64_t x) const {
    return values[static_cast<std::size_t>((c * height + y) * width + x)];
  }
};

Planes convolve(const Planes& in, const Weights& weights, const Layer& layer) {
  const auto& kernel = weights.at(std::string(layer.name) + ".weight");
  Planes out(layer.outputs, (in.height - 3) / layer.stride + 1, (in.width - 3) / layer.stride + 1);
  for (std::int64_t o = 0; o < out.channels; ++o) {
    for (std::int64_t i = 0; i < in.channels; ++i) {
      for (std::int64_t k = 0; k < 9; ++k) {
        const float weight = kernel[static_cast<std::size_t>((o * in.channels + i) * 9 + k)];
        for (std::int64_t y = 0; y < out.height; ++y) {
          for (std::int64_t x = 0; x < out.width; ++x) {
            out.at(o, y, x) +=
                weight * in.at(i, y * layer.stride + k / 3, x * layer.stride + k % 3);
          }
        }
      }
    }
  }
  return out;
}

Planes normed(Planes planes, const Weights& weights, const Layer& layer, bool relu) {
  const auto area = static_cast<std::size_t>(planes.height * planes.width);
  for (std::size_t c = 0; c < static_cast<std::size_t>(planes.channels); ++c) {
    float* plane = planes.values.data() + c * area;
    double sum = 0;
    double square = 0;
    for (std::size_t i = 0; i < area; ++i) {
      sum += plane[i];
      square += static_cast<double>(plane[i]) * plane[i];
    }
    const double mean = sum / static_cast<double>(area);
    const double spread = std::sqrt(square / static_cast<double>(area) - mean * mean + kEpsilon);
    for (std::size_t i = 0; i < area; ++i) {
      const double value =
          (plane[i] - mean) / spread * weights.at(layer.name + std::string(".scale"))[c] +
          weights.at(layer.name + std::string(".shift"))[c];
      plane[i] = static_cast<float>(relu ? std::max(value, 0.0) : value);
    }
  }
  return planes;
}

Planes sum(Planes one, const Planes& other) {
  for (std::size_t i = 0; i < one.values.size(); ++i) {
    one.values[i] += other.values[i];
  }
  return one;
}

Planes doubled(const Planes& in) {
  Planes out(in.channels, in.height * 2, in.width * 2);
  for (std::int64_t c = 0; c < out.channels; ++c) {
    for (std::int64_t y = 0; y < out.height; ++y) {
      for (std::int64_t x = 0; x < out.width; ++x) {
        out.at(c, y, x) = in.at(c, y / 2, x / 2);
      }
    }
  }
  return out;
}

std::int64_t mirrored(std::int64_t place, std::int64_t size) {
  place = std::abs(place);
  return place < size ? place : 2 * size - 2 - place;
}

Planes with_margin(const Planes& in, std::int64_t margin) {
  Planes out(in.channels, in.height + 2 * margin, in.width + 2 * margin);
  for (std::int64_t c = 0; c < out.channels; ++c) {
    for (std::int64_t y = 0; y < out.height; ++y) {
      for (std::int64_t x = 0; x < out.width; ++x) {
        out.at(c, y, x) = in.at(c, mirrored(y - margin, in.height), mirrored(x - margin, in.width));
      }
    }
  }
  return out;
}

/// The picture less a half, with its margin, each 4x4 block folded into channels.
Planes folded(const Tensor& image) {
  const std::int64_t height = image.shape[2];
  const std::int64_t width = image.shape[3];
  Planes out(48, (height + 32) / 4, (width + 32) / 4);
  for (std::int64_t c = 0; c < 48; ++c) {
    for (std::int64_t y = 0; y < out.height; ++y) {
      for (std::int64_t x = 0; x < out.width; ++x) {
        const std::int64_t from_y = mirrored(y * 4 + c / 3 / 4 - 16, height);
        const std::int64_t from_x = mirrored(x * 4 + c / 3 % 4 - 16, width);
        out.at(c, y, x) =
            image.values[static_cast<std::size_t>((c % 3 * height + from_y) * width + from_x)] -
            0.5F;
      }
    }
  }
  return out;
}

std::vector<float> painted_in_loops(const Weights& style, const Tensor& image) {
  const auto layer = [&](std::size_t index, const Planes& in, bool relu = true) {
    return normed(convolve(in, style, kLayers[index]), style, kLayers[index], relu);
  };
  const Planes stem = layer(0, folded(image));
  Planes at = layer(1, stem);
  for (std::size_t block = 0; block < 4; ++block) {
    at = sum(at, layer(3 + 2 * block, layer(2 + 2 * block, with_margin(at, 2)), false));
  }
  const Planes skip = sum(layer(10, doubled(with_margin(at, 1))), stem);
  const Planes out = convolve(layer(11, skip), style, kLayers[12]);
  std::vector<float> picture;
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 4; y < 4 + image.shape[2]; ++y) {
      for (std::int64_t x = 4; x < 4 + image.shape[3]; ++x) {
        const std::int64_t channel = c * 16 + y % 4 * 4 + x % 4;
        const float value =
            out.at(channel, y / 4, x / 4) + style.at("out.bias")[static_cast<std::size_t>(channel)];
        picture.push_back(1 / (1 + std::exp(-2 * value)));
      }
    }
  }
  return picture;
}

TEST(Network, comes_back_from_its_file_as_it_was) {
  const Weights base = made_base(1);
  const Weights style = bake(base, made_code(2));
  const Metadata metadata{{"name", "noise"}, {"painting", "Nobody, Nothing"}};
  const std::string bytes = write_style(style, metadata);
  EXPECT_LT(bytes.size(), 3000000U);
  EXPECT_EQ(read(bytes, "style.onnx"), style);
  EXPECT_EQ(read_metadata(bytes, "style.onnx"), metadata);
  EXPECT_EQ(read(write_base(base, {}), "painter.onnx"), base);
  EXPECT_EQ(read(write_base(style, {}), "painter.onnx"), base) << "a base has no code of its own";
}

TEST(Network, paints_as_plain_loops_do) {
  const Weights style = bake(made_base(3), made_code(4));
  const FileOf file(write_style(style, {{"name", "noise"}}));
  const Tensor picture = made_picture(48, 32, 5);
  EXPECT_LT(largest_difference(NetRunner(file.path()).run(picture).values,
                               painted_in_loops(style, picture)),
            2e-5F);
}

TEST(Network, paints_the_same_with_its_code_built_in_or_given) {
  const Weights base = made_base(6);
  const Code code = made_code(7);
  const FileOf style(write_style(bake(base, code), {{"name", "noise"}}));
  const FileOf painter(write_base(base, {}));
  NetRunner baked(style.path());
  NetRunner given(painter.path(), 2);
  for (const auto& [width, height] : {std::pair{64, 48}, std::pair{200, 120}, std::pair{32, 32}}) {
    const Tensor picture = made_picture(width, height, 8);
    const Tensor one = baked.run(picture);
    EXPECT_EQ(one.shape, picture.shape);
    const Tensor other = given.run({picture, {{1, static_cast<std::int64_t>(code.size())}, code}});
    EXPECT_LE(largest_difference(one.values, other.values), 1e-5F) << width << "x" << height;
  }
}

TEST(Network, refuses_nets_that_are_not_its_own) {
  const auto refusal = [](const std::string& bytes) -> std::string {
    try {
      read(bytes, "foreign.onnx");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_input);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refusal(""), HasSubstr("foreign.onnx is empty"));
  EXPECT_THAT(refusal("no net"), HasSubstr("foreign.onnx is not an ONNX net"));

  Weights style = bake(made_base(9), made_code(10));
  const std::string whole = write_style(style, {{"name", "noise"}});
  EXPECT_THAT(refusal(whole.substr(0, whole.size() / 2)), HasSubstr("cut off"));
  std::string other = whole;
  for (std::size_t at = 0; (at = other.find("down.weight16", at)) != std::string::npos; ++at) {
    other.replace(at, 4, "DOWN");
  }
  EXPECT_THAT(refusal(other), HasSubstr("it has no weight \"down.weight\""));
  style["stem.shift"][0] = NAN;
  EXPECT_THAT(refusal(write_style(style, {})), HasSubstr("foreign.onnx is damaged"));
}

TEST(Network, refuses_to_write_half_a_net) {
  Weights style = bake(made_base(11), made_code(12));
  style.erase("up.scale");
  EXPECT_THROW(write_style(style, {}), Error);
  EXPECT_NO_THROW(write_base(style, {}));
  style["mix.weight"].pop_back();
  EXPECT_THROW(write_base(style, {}), Error);
}

TEST(Code, is_what_was_built_in) {
  const Code code = made_code(13);
  const Weights style = bake(made_base(14), code);
  EXPECT_LT(largest_difference(code_of(style), code), 1e-6F);
  EXPECT_FLOAT_EQ(style.at("stem.scale")[5], 1 + code[5]);
  EXPECT_EQ(style.at("stem.shift")[5], code[64 + 5]);
  EXPECT_EQ(style.at("mix.shift")[63], code[kCodeLength - 1]);
  EXPECT_THROW(bake(style, Code(7)), Error);
}

TEST(Code, mixes_by_weights_of_any_sum) {
  const std::vector<std::pair<Code, double>> shares{{{1, 0}, 3}, {{0, 4}, 1}};
  EXPECT_THAT(mix(shares), ::testing::ElementsAre(0.75F, 1));
  EXPECT_THROW(mix({}), Error);
  const std::vector<std::pair<Code, double>> nothing{{{1}, 0}};
  EXPECT_THROW(mix(nothing), Error);
  const std::vector<std::pair<Code, double>> unlike{{{1}, 1}, {{1, 2}, 1}};
  EXPECT_THROW(mix(unlike), Error);
}

TEST(Code, mixes_only_where_the_convolutions_are_the_same) {
  const Weights base = made_base(15);
  EXPECT_TRUE(same_convolutions(bake(base, made_code(16)), bake(base, made_code(17))));
  Weights refined = bake(base, made_code(16));
  refined["up.weight"][3] += 0.01F;
  EXPECT_FALSE(same_convolutions(base, refined));
  const std::vector<std::pair<Weights, double>> shares{{bake(base, made_code(16)), 1},
                                                       {refined, 1}};
  EXPECT_NEAR(mix_weights(shares).at("up.weight")[3], base.at("up.weight")[3] + 0.005F, 1e-6);
}

}  // namespace
}  // namespace impasto::network
