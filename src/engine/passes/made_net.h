#pragma once

// Small nets for the tests of this folder, layer by layer, and their results.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numeric>
#include <openvino/op/ops.hpp>
#include <openvino/runtime/core.hpp>
#include <random>
#include <string>
#include <vector>

#include "engine/calibration.h"
#include "engine/passes/activations.h"
#include "engine/passes/norms.h"
#include "engine/passes/parts.h"

namespace impasto::engine::passes::test {

constexpr std::size_t kHeight = 16;
constexpr std::size_t kWidth = 20;

class MadeNet {
 public:
  explicit MadeNet(std::size_t channels = 3)
      : picture_(std::make_shared<ov::op::v0::Parameter>(
            ov::element::f32, ov::Shape{1, channels, kHeight, kWidth})) {}

  [[nodiscard]] Output picture() const { return picture_->output(0); }

  /// Weights and biases of noise; `sizes` multiplies those of each output channel.
  Output convolution(const std::string& name, const Output& from, std::size_t outputs,
                     const std::vector<float>& sizes = {}, std::size_t kernel = 3,
                     std::size_t stride = 1, std::ptrdiff_t padding = 0) {
    const std::size_t inputs = channels_of(from);
    std::vector<float> weights = noise(outputs * inputs * kernel * kernel);
    const float usual = 1 / std::sqrt(static_cast<float>(inputs * kernel * kernel));
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::size_t output = i / (inputs * kernel * kernel);
      weights[i] *= usual * (sizes.empty() ? 1 : sizes[output]);
    }
    const auto node = std::make_shared<ov::op::v1::Convolution>(
        from, constant({outputs, inputs, kernel, kernel}, weights), ov::Strides{stride, stride},
        ov::CoordinateDiff{padding, padding}, ov::CoordinateDiff{padding, padding},
        ov::Strides{1, 1});
    node->set_friendly_name(name);
    std::vector<float> bias = noise(outputs);
    for (std::size_t output = 0; output < outputs && !sizes.empty(); ++output) {
      bias[output] *= sizes[output];
    }
    return std::make_shared<ov::op::v1::Add>(node, per_channel(bias))->output(0);
  }

  /// An instance norm with a scale and a shift of noise.
  Output norm(const Output& from) {
    const auto axes = ov::op::v0::Constant::create(ov::element::i64, {2}, {2, 3});
    const auto mvn =
        std::make_shared<ov::op::v6::MVN>(from, axes, true, 1e-5F, ov::op::MVNEpsMode::INSIDE_SQRT);
    const auto scaled =
        std::make_shared<ov::op::v1::Multiply>(mvn, per_channel(noise(channels_of(from))));
    return std::make_shared<ov::op::v1::Add>(scaled, per_channel(noise(channels_of(from))))
        ->output(0);
  }

  static Output relu(const Output& from) {
    return std::make_shared<ov::op::v0::Relu>(from)->output(0);
  }

  /// A mirror image on every side.
  static Output mirrored(const Output& from, std::int64_t by) {
    const auto sides = ov::op::v0::Constant::create(ov::element::i64, {4}, {0L, 0L, by, by});
    return std::make_shared<ov::op::v1::Pad>(from, sides, sides, ov::op::PadMode::REFLECT)
        ->output(0);
  }

  std::shared_ptr<ov::Model> model(const Output& result) {
    return std::make_shared<ov::Model>(ov::OutputVector{result}, ov::ParameterVector{picture_});
  }

  std::vector<float> noise(std::size_t count) {
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values) {
      value = normal(random_);
    }
    return values;
  }

 private:
  std::shared_ptr<ov::op::v0::Parameter> picture_;
  std::mt19937 random_{5};
};

/// A picture of noise in 0..1.
inline std::vector<float> made_picture(std::size_t channels = 3) {
  std::mt19937 random(9);
  std::uniform_real_distribution<float> any(0, 1);
  std::vector<float> values(channels * kHeight * kWidth);
  for (float& value : values) {
    value = any(random);
  }
  return values;
}

/// What a net gives of a picture, in float32; all outputs, one after the other.
inline std::vector<std::vector<float>> run_all(const std::shared_ptr<ov::Model>& net,
                                               std::vector<float> picture) {
  ov::Core core;
  auto request =
      core.compile_model(net->clone(), "CPU", ov::hint::inference_precision(ov::element::f32))
          .create_infer_request();
  request.set_input_tensor(ov::Tensor(ov::element::f32, net->input().get_shape(), picture.data()));
  request.infer();
  std::vector<std::vector<float>> results;
  for (std::size_t i = 0; i < net->outputs().size(); ++i) {
    const ov::Tensor tensor = request.get_output_tensor(i);
    const auto* values = tensor.data<const float>();
    results.emplace_back(values, values + tensor.get_size());
  }
  return results;
}

inline std::vector<float> run(const std::shared_ptr<ov::Model>& net,
                              const std::vector<float>& picture) {
  return run_all(net, picture).front();
}

inline double largest_difference(const std::vector<float>& one, const std::vector<float>& other) {
  double largest = one.size() == other.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < one.size() && i < other.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(one[i]) - other[i]));
  }
  return largest;
}

/// What the net's norms read of a picture, by a plain loop.
inline std::vector<NormStatistics> norm_statistics_of(const std::shared_ptr<ov::Model>& net,
                                                      const std::vector<float>& picture) {
  ov::OutputVector outputs;
  const std::vector<Norm> norms = find_norms(net);
  for (const Norm& norm : norms) {
    outputs.push_back(norm.input);
  }
  const auto read = run_all(std::make_shared<ov::Model>(outputs, net->get_parameters()), picture);
  std::vector<NormStatistics> statistics;
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const std::size_t channels = norms[i].scale.size();
    const std::size_t size = read[i].size() / channels;
    NormStatistics one{norms[i].name, {}, {}};
    for (std::size_t c = 0; c < channels; ++c) {
      double mean = 0;
      double square = 0;
      for (std::size_t place = c * size; place < (c + 1) * size; ++place) {
        mean += static_cast<double>(read[i][place]) / static_cast<double>(size);
      }
      for (std::size_t place = c * size; place < (c + 1) * size; ++place) {
        square +=
            std::pow(static_cast<double>(read[i][place]) - mean, 2) / static_cast<double>(size);
      }
      one.mean.push_back(static_cast<float>(mean));
      one.deviation.push_back(static_cast<float>(std::sqrt(square)));
    }
    statistics.push_back(std::move(one));
  }
  return statistics;
}

/// What the net's convolutions read of a picture, outliers and all.
inline std::vector<ActivationStatistics> activation_statistics_of(
    const std::shared_ptr<ov::Model>& net, const std::vector<float>& picture) {
  ov::OutputVector outputs;
  const std::vector<Activation> activations = find_activations(net);
  for (const Activation& activation : activations) {
    outputs.push_back(activation.tensor);
  }
  const auto read = run_all(std::make_shared<ov::Model>(outputs, net->get_parameters()), picture);
  std::vector<ActivationStatistics> statistics;
  for (std::size_t i = 0; i < activations.size(); ++i) {
    const std::size_t channels = channels_of(activations[i].tensor);
    const std::size_t size = read[i].size() / channels;
    ActivationStatistics one{activations[i].name, {}, {}, {}};
    for (std::size_t c = 0; c < channels; ++c) {
      const auto from = read[i].begin() + static_cast<std::ptrdiff_t>(c * size);
      const auto to = from + static_cast<std::ptrdiff_t>(size);
      one.mean.push_back(std::accumulate(from, to, 0.0F) / static_cast<float>(size));
      one.low.push_back(*std::min_element(from, to));
      one.high.push_back(*std::max_element(from, to));
    }
    statistics.push_back(std::move(one));
  }
  return statistics;
}

template <typename Node>
std::size_t count(const std::shared_ptr<ov::Model>& net) {
  std::size_t found = 0;
  for (const auto& node : net->get_ordered_ops()) {
    found += ov::is_type<Node>(node) ? 1 : 0;
  }
  return found;
}

}  // namespace impasto::engine::passes::test
