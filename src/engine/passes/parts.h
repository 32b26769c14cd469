#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/op/convolution.hpp>
#include <optional>
#include <string>
#include <vector>

namespace impasto::engine::passes {

using Output = ov::Output<ov::Node>;

/// Brings a net whose shapes are known into the form that the passes here read: whatever is
/// constant is a Constant. The first pass to run.
void settle(const std::shared_ptr<ov::Model>& net);

/// A constant's values as one number a channel: a scalar, [C], [C, 1, 1] or [1, C, 1, 1]. Nothing
/// when it is no constant or of another shape.
std::optional<std::vector<float>> values_per_channel(const Output& output, std::size_t channels);

/// All values of a constant, row by row; nothing when it is none.
std::optional<std::vector<float>> values_of(const Output& output);

/// A Constant [1, C, 1, 1].
Output per_channel(const std::vector<float>& values);

/// A Constant of a shape.
Output constant(const ov::Shape& shape, const std::vector<float>& values);

/// Channels of a tensor [N, C, H, W].
std::size_t channels_of(const Output& output);

/// The one input that reads an output; none when there are more or fewer.
std::optional<ov::Input<ov::Node>> only_reader(const Output& output);

/// A convolution whose weights and bias are constants.
struct Convolution {
  std::shared_ptr<ov::op::v1::Convolution> node;
  std::shared_ptr<ov::Node> add;  ///< What adds the bias; none when there is no bias.
  ov::Shape shape;                ///< Of the weights: [O, I, height, width]
  std::vector<float> weights;
  std::vector<float> bias;  ///< One for each of its O channels; zeros without `add`.

  [[nodiscard]] std::string name() const { return node->get_friendly_name(); }
  [[nodiscard]] Output input() const { return node->input_value(0); }
  [[nodiscard]] Output output() const { return add ? add->output(0) : node->output(0); }
  [[nodiscard]] std::size_t outputs() const { return bias.size(); }
  [[nodiscard]] std::size_t inputs() const { return shape[1]; }
  /// Weights of one channel for one input channel.
  [[nodiscard]] std::size_t taps() const { return shape[2] * shape[3]; }

  /// Puts changed weights and bias into the net; a bias is added where there was none.
  void store();
};

/// The net's convolutions of constant weights, in its order.
std::vector<Convolution> find_convolutions(const std::shared_ptr<ov::Model>& net);

}  // namespace impasto::engine::passes
