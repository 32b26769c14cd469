#include "style/value_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "graph/graph.h"

namespace impasto::style {
namespace {

constexpr float kBytes = 255;
constexpr const char* kInput = "image";
constexpr const char* kOutput = "painted";

ValueRange unit_range() {
  ValueRange range;
  range.takes = range.gives = "0..1";
  return range;
}

ValueRange byte_range() {
  ValueRange range;
  range.takes = range.gives = "0..255";
  range.in_scale = {kBytes, kBytes, kBytes};
  range.out_scale = 1 / kBytes;
  return range;
}

ValueRange signed_range() {
  ValueRange range;
  range.takes = range.gives = "-1..1";
  range.in_scale = {2, 2, 2};
  range.in_offset = {-1, -1, -1};
  range.out_scale = 0.5F;
  range.out_offset = 0.5F;
  return range;
}

/// Input as torchvision's networks take it; output as it comes.
ValueRange imagenet_range() {
  constexpr std::array<float, 3> kMean{0.485F, 0.456F, 0.406F};
  constexpr std::array<float, 3> kDeviation{0.229F, 0.224F, 0.225F};
  ValueRange range = unit_range();
  range.takes = "0..1 less ImageNet's mean, by its deviation";
  for (std::size_t channel = 0; channel < 3; ++channel) {
    range.in_scale[channel] = 1 / kDeviation[channel];
    range.in_offset[channel] = -kMean[channel] / kDeviation[channel];
  }
  return range;
}

/// The value below which this share of all lies.
float quantile(std::vector<float> values, double share) {
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

/// The range that a net's answers lie in.
ValueRange range_of(const std::vector<float>& values, const std::string& last_operator) {
  if (last_operator == "Tanh") {
    return signed_range();
  }
  if (last_operator == "Sigmoid") {
    return unit_range();
  }
  const float low = quantile(values, 0.01);
  const float high = quantile(values, 0.99);
  if (high - low > 6 || high > 6) {
    return byte_range();
  }
  return low < -0.25F ? signed_range() : unit_range();
}

/// Mean over cells of 8x8 pixels and the three channels: where the picture is light and dark.
std::vector<double> light_and_dark(const engine::Tensor& picture) {
  constexpr std::int64_t kCell = 8;
  const std::int64_t height = picture.shape[2];
  const std::int64_t width = picture.shape[3];
  const std::int64_t columns = (width + kCell - 1) / kCell;
  std::vector<double> cells(static_cast<std::size_t>(columns * ((height + kCell - 1) / kCell)));
  for (std::size_t index = 0; index < picture.values.size(); ++index) {
    const std::int64_t pixel = static_cast<std::int64_t>(index) % (height * width);
    const std::int64_t cell = pixel / width / kCell * columns + pixel % width / kCell;
    cells[static_cast<std::size_t>(cell)] += std::clamp(picture.values[index], 0.0F, 1.0F);
  }
  return cells;
}

double correlation(const std::vector<double>& left, const std::vector<double>& right) {
  const auto count = static_cast<double>(left.size());
  double sum_left = 0;
  double sum_right = 0;
  double square_left = 0;
  double square_right = 0;
  double product = 0;
  for (std::size_t index = 0; index < left.size(); ++index) {
    sum_left += left[index];
    sum_right += right[index];
    square_left += left[index] * left[index];
    square_right += right[index] * right[index];
    product += left[index] * right[index];
  }
  const double spread = std::sqrt((square_left - sum_left * sum_left / count) *
                                  (square_right - sum_right * sum_right / count));
  return spread > 0 ? (product - sum_left * sum_right / count) / spread : 0;
}

/// How much like a painting of `picture` the answer is: about 1 at best.
double likeness(const engine::Tensor& picture, const engine::Tensor& painted) {
  const auto outside = std::count_if(painted.values.begin(), painted.values.end(),
                                     [](float value) { return value <= -0.05F || value >= 1.05F; });
  const double clipped = static_cast<double>(outside) / static_cast<double>(painted.values.size());
  return correlation(light_and_dark(picture), light_and_dark(painted)) - clipped;
}

void add_node(onnx::GraphProto& graph, const char* op, const std::string& input,
              const std::string& weight, const std::string& output) {
  auto& node = *graph.add_node();
  node.set_op_type(op);
  node.set_name(output);
  node.add_input(input);
  if (!weight.empty()) {
    node.add_input(weight);
  }
  node.add_output(output);
}

/// Adds nodes for `to` = scale * `from` + offset; what would change nothing is left out.
void add_scaling(onnx::GraphProto& graph, const std::string& from, const std::string& to,
                 const graph::Shape& shape, const std::vector<float>& scale,
                 const std::vector<float>& offset) {
  const auto all = [](const std::vector<float>& values, float value) {
    return std::all_of(values.begin(), values.end(), [=](float one) { return one == value; });
  };
  std::string last = from;
  if (!all(scale, 1)) {
    const std::string weight = graph::add_weight(graph, "range_scale", shape, scale);
    const std::string result = all(offset, 0) ? to : to + "_scaled";
    add_node(graph, "Mul", last, weight, result);
    last = result;
  }
  if (!all(offset, 0)) {
    add_node(graph, "Add", last, graph::add_weight(graph, "range_offset", shape, offset), to);
    last = to;
  }
  if (last != to) {
    add_node(graph, "Identity", last, "", to);
  }
}

void rename(onnx::GraphProto& graph, const std::string& from, const std::string& to) {
  for (auto& node : *graph.mutable_node()) {
    std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), from, to);
    std::replace(node.mutable_output()->begin(), node.mutable_output()->end(), from, to);
  }
  for (auto& weight : *graph.mutable_initializer()) {
    if (weight.name() == from) {
      weight.set_name(to);
    }
  }
}

/// Puts the nodes added since `first` before all others.
void move_to_front(onnx::GraphProto& graph, int first) {
  auto& nodes = *graph.mutable_node();
  std::rotate(nodes.begin(), nodes.begin() + first, nodes.end());
}

}  // namespace

ValueRange named_range(const std::string& name) {
  if (name == "1") {
    return unit_range();
  }
  if (name == "255") {
    return byte_range();
  }
  if (name == "-1..1") {
    return signed_range();
  }
  throw Error(
      ExitCode::usage,
      fmt::format("there is no value range \"{}\"; choose one of: auto, 1, 255, -1..1", name));
}

ValueRange detect_range(Probe& net, const std::string& last_operator,
                        const engine::Tensor& picture) {
  ValueRange best;
  double best_score = -2;
  for (const ValueRange& tried : {byte_range(), unit_range(), signed_range(), imagenet_range()}) {
    const engine::Tensor answer = net.run(to_net(tried, picture));
    const ValueRange gives = range_of(answer.values, last_operator);
    ValueRange range = tried;
    range.gives = gives.gives;
    range.out_scale = gives.out_scale;
    range.out_offset = gives.out_offset;
    // A net that begins with a norm answers alike whatever it is given; then it takes what it
    // gives.
    constexpr double kSameRange = 0.05;
    const double score = likeness(picture, to_picture(range, answer)) +
                         (range.takes == range.gives ? kSameRange : 0);
    constexpr double kClearlyBetter = 0.01;
    if (score > best_score + kClearlyBetter) {
      best_score = score;
      best = range;
    }
  }
  return best;
}

engine::Tensor to_net(const ValueRange& range, engine::Tensor picture) {
  const std::size_t plane = picture.values.size() / 3;
  for (std::size_t index = 0; index < picture.values.size(); ++index) {
    const std::size_t channel = index / plane;
    picture.values[index] =
        picture.values[index] * range.in_scale[channel] + range.in_offset[channel];
  }
  return picture;
}

engine::Tensor to_picture(const ValueRange& range, engine::Tensor answer) {
  for (float& value : answer.values) {
    value = value * range.out_scale + range.out_offset;
  }
  return answer;
}

void build_in(onnx::ModelProto& model, const ValueRange& range) {
  auto& graph = *model.mutable_graph();
  const std::string input = graph.input(0).name();
  const std::string output = graph.output(0).name();
  // The names of the contract may stand for something else inside.
  rename(graph, kInput, input == kInput ? "net_input" : "net_image");
  rename(graph, kOutput, output == kOutput ? "net_output" : "net_painted");
  const std::string net_input = input == kInput ? "net_input" : input;
  const std::string net_output = output == kOutput ? "net_output" : output;

  const int first = graph.node_size();
  add_scaling(graph, kInput, net_input, {1, 3, 1, 1},
              {range.in_scale.begin(), range.in_scale.end()},
              {range.in_offset.begin(), range.in_offset.end()});
  move_to_front(graph, first);
  add_scaling(graph, net_output, kOutput, {}, {range.out_scale}, {range.out_offset});
  graph.mutable_input(0)->set_name(kInput);
  graph.mutable_output(0)->set_name(kOutput);
}

}  // namespace impasto::style
