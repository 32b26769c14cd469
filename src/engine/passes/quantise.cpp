#include "engine/passes/quantise.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <openvino/op/add.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <optional>

#include "base/error.h"
#include "engine/passes/activations.h"
#include "engine/passes/parts.h"

namespace impasto::engine::passes {
namespace {

using Values = std::vector<float>;
using Node = std::shared_ptr<ov::Node>;

constexpr int kSteps = 256;
constexpr int kWeightSteps = 255;  // as many below zero as above
constexpr float kLeast = 1e-6F;

struct Range {
  float low = 0;
  float high = 1;
};

/// A range that holds zero as one of its steps, so that zeros stay zeros.
Range range_of(const ActivationStatistics& statistics) {
  Range range;
  range.low = std::min(0.0F, *std::min_element(statistics.low.begin(), statistics.low.end()));
  range.high = std::max(kLeast, *std::max_element(statistics.high.begin(), statistics.high.end()));
  if (range.low < 0) {
    const float step = (range.high - range.low) / (kSteps - 1);
    const float zero = std::round(-range.low / step);
    range = {-zero * step, (kSteps - 1 - zero) * step};
  }
  return range;
}

Output in_steps(const Output& tensor, const Range& range) {
  const Output low = constant({1, 1, 1, 1}, {range.low});
  const Output high = constant({1, 1, 1, 1}, {range.high});
  const auto node =
      std::make_shared<ov::op::v0::FakeQuantize>(tensor, low, high, low, high, kSteps);
  node->set_friendly_name(tensor.get_node()->get_friendly_name() + ".steps");
  return node->output(0);
}

/// Rounds the weights; gives for each output channel what that adds to its mean.
Values round_weights(Convolution& convolution, const Values& input_means) {
  Values added(convolution.outputs(), 0);
  Values largest(convolution.outputs(), kLeast);
  const std::size_t per_output = convolution.weights.size() / convolution.outputs();
  for (std::size_t place = 0; place < convolution.weights.size(); ++place) {
    float& most = largest[place / per_output];
    most = std::max(most, std::abs(convolution.weights[place]));
  }
  constexpr int kHalf = kWeightSteps / 2;
  for (std::size_t place = 0; place < convolution.weights.size(); ++place) {
    const float step = largest[place / per_output] / kHalf;
    const float rounded = std::round(convolution.weights[place] / step) * step;
    const std::size_t input = place / convolution.taps() % convolution.inputs();
    if (!input_means.empty()) {
      added[place / per_output] += (rounded - convolution.weights[place]) * input_means[input];
    }
    convolution.weights[place] = rounded;
  }
  for (std::size_t c = 0; c < added.size(); ++c) {
    convolution.bias[c] -= added[c];
  }
  convolution.store();
  Values lowest = largest;
  std::transform(largest.begin(), largest.end(), lowest.begin(), std::negate<>());
  const ov::Shape shape{convolution.outputs(), 1, 1, 1};
  const Output low = constant(shape, lowest);
  const Output high = constant(shape, largest);
  const auto node = std::make_shared<ov::op::v0::FakeQuantize>(convolution.node->input_value(1),
                                                               low, high, low, high, kWeightSteps);
  convolution.node->input(1).replace_source_output(node->output(0));
  return added;
}

/// Puts steps between a tensor and what leads from it to quantised convolutions; sums go on reading
/// it as it is.
void put_steps(const Output& tensor, const Range& range) {
  const auto readers = tensor.get_target_inputs();
  const Output stepped = in_steps(tensor, range);
  for (auto reader : readers) {
    if (!ov::is_type<ov::op::v1::Add>(reader.get_node())) {
      reader.replace_source_output(stepped);
    }
  }
}

}  // namespace

void quantise(const std::shared_ptr<ov::Model>& net,
              const std::vector<ActivationStatistics>& statistics,
              const std::set<std::string>& kept) {
  const std::vector<Activation> activations = find_activations(net);
  if (activations.size() != statistics.size()) {
    throw Error(ExitCode::bad_input, "a calibration has the ranges of another net; calibrate anew");
  }
  std::map<std::string, const Values*> means;
  for (std::size_t i = 0; i < activations.size(); ++i) {
    for (const std::string& reader : activations[i].readers) {
      means[reader] = &statistics[i].mean;
    }
  }
  const Output picture = net->get_parameters().front()->output(0);
  bool reads_picture = false;
  for (Convolution& convolution : find_convolutions(net)) {
    if (kept.count(convolution.name()) == 0) {
      const auto mean = means.find(convolution.name());
      reads_picture = reads_picture || mean == means.end();
      round_weights(convolution, mean == means.end() ? Values() : *mean->second);
    }
  }
  for (std::size_t i = 0; i < activations.size(); ++i) {
    const std::vector<std::string>& readers = activations[i].readers;
    const bool none = std::all_of(readers.begin(), readers.end(), [&](const std::string& reader) {
      return kept.count(reader) > 0;
    });
    if (!none) {
      put_steps(activations[i].tensor, range_of(statistics[i]));
    }
  }
  if (reads_picture) {
    put_steps(picture, {});
  }
  net->validate_nodes_and_infer_types();
}

}  // namespace impasto::engine::passes
