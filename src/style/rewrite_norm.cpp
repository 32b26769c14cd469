#include "style/rewrite_norm.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "style/probe.h"

namespace impasto::style {
namespace {

/// y = scale * (x - mean) / sqrt(variance + epsilon) + shift, channel by channel.
struct Norm {
  std::vector<float> scale;
  std::vector<float> shift;
  float epsilon = 0;
};

/// Operators that a norm may be spelt in.
const std::set<std::string>& norm_spelling() {
  static const std::set<std::string> kOperators{"Abs",
                                                "Add",
                                                "Cast",
                                                "Clip",
                                                "Concat",
                                                "Div",
                                                "Dropout",
                                                "Expand",
                                                "Flatten",
                                                "Gather",
                                                "GlobalAveragePool",
                                                "Identity",
                                                "Max",
                                                "Mul",
                                                "Neg",
                                                "Pow",
                                                "Reciprocal",
                                                "ReduceL2",
                                                "ReduceMean",
                                                "ReduceSum",
                                                "ReduceSumSquare",
                                                "Reshape",
                                                "Shape",
                                                "Slice",
                                                "Sqrt",
                                                "Squeeze",
                                                "Sub",
                                                "Tile",
                                                "Transpose",
                                                "Unsqueeze",
                                                "InstanceNormalization"};
  return kOperators;
}

/// Is there a mean and a root in it, or a norm between reshapes?
bool may_be_norm(const std::set<std::string>& operators) {
  const auto any_of = [&](const std::vector<const char*>& names) {
    return std::any_of(names.begin(), names.end(),
                       [&](const char* name) { return operators.count(name) > 0; });
  };
  const bool spelt_out =
      any_of({"ReduceMean", "ReduceSum", "ReduceSumSquare", "ReduceL2", "GlobalAveragePool"}) &&
      any_of({"Sqrt", "Pow", "ReduceL2"});
  return spelt_out || (any_of({"InstanceNormalization"}) && any_of({"Reshape"}));
}

/// Straight line through one channel's answers.
struct Line {
  double gain = 0;      ///< dy / dx
  double mean = 0;      ///< of y
  double variance = 0;  ///< of x
  double residual = 0;  ///< Largest distance of an answer from the line.
};

Line fit_line(const float* x, const float* y, std::size_t count) {
  double mean_x = 0;
  Line line;
  for (std::size_t index = 0; index < count; ++index) {
    mean_x += x[index];
    line.mean += y[index];
  }
  mean_x /= static_cast<double>(count);
  line.mean /= static_cast<double>(count);
  double covariance = 0;
  for (std::size_t index = 0; index < count; ++index) {
    line.variance += (x[index] - mean_x) * (x[index] - mean_x);
    covariance += (x[index] - mean_x) * (y[index] - line.mean);
  }
  line.gain = covariance / line.variance;
  line.variance /= static_cast<double>(count);
  for (std::size_t index = 0; index < count; ++index) {
    const double on_line = line.mean + line.gain * (x[index] - mean_x);
    line.residual = std::max(line.residual, std::abs(y[index] - on_line));
  }
  return line;
}

/// Lines of all channels when the part answers noise of this spread; nothing when an answer is no
/// line, or not of this size.
std::optional<std::vector<Line>> answers(Probe& part, const graph::Shape& shape, float spread,
                                         unsigned seed) {
  const engine::Tensor x = probe_noise(shape, spread, seed);
  const engine::Tensor y = part.run(x);
  if (y.shape != x.shape) {
    return std::nullopt;
  }
  const auto channels = static_cast<std::size_t>(shape[1]);
  const std::size_t plane = x.values.size() / channels;
  std::vector<Line> lines;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    lines.push_back(
        fit_line(x.values.data() + channel * plane, y.values.data() + channel * plane, plane));
    const Line& line = lines.back();
    const double size = std::abs(line.gain) * std::sqrt(line.variance) + std::abs(line.mean);
    constexpr double kRounding = 1e-3;
    if (!(line.residual <= kRounding * size + 1e-6)) {  // also when it is not a number
      return std::nullopt;
    }
  }
  return lines;
}

/// Epsilon out of the gains at two spreads: gain² (variance + epsilon) = scale² at both.
double solve_epsilon(const std::vector<Line>& wide, const std::vector<Line>& narrow) {
  double sum = 0;
  double weight = 0;
  for (std::size_t channel = 0; channel < wide.size(); ++channel) {
    const double ratio = std::pow(wide[channel].gain / narrow[channel].gain, 2);
    if (std::isfinite(ratio) && std::abs(wide[channel].gain) > 1e-4 && ratio < 0.9) {
      sum += (ratio * wide[channel].variance - narrow[channel].variance) / (1 - ratio);
      weight += 1;
    }
  }
  return weight > 0 ? std::max(0.0, sum / weight) : 0;
}

/// The constant of the part that the measured epsilon must have been, or the measured one.
float exact_epsilon(const onnx::ModelProto& part, double measured) {
  double best = measured;
  double nearest = 0.02 * measured + 1e-9;
  for (const auto& weight : part.graph().initializer()) {
    const auto values = graph::float_values(weight);
    if (values.size() == 1 && std::abs(values[0] - measured) < nearest) {
      nearest = std::abs(values[0] - measured);
      best = values[0];
    }
  }
  return static_cast<float>(best);
}

bool explains(const Norm& norm, const std::vector<Line>& lines) {
  constexpr double kTolerance = 1e-3;
  for (std::size_t channel = 0; channel < lines.size(); ++channel) {
    const double gain = norm.scale[channel] / std::sqrt(lines[channel].variance + norm.epsilon);
    const double size = std::abs(norm.scale[channel]) + std::abs(norm.shift[channel]) + 1e-6;
    if (std::abs(gain - lines[channel].gain) * std::sqrt(lines[channel].variance) >
            kTolerance * size ||
        std::abs(norm.shift[channel] - lines[channel].mean) > kTolerance * size) {
      return false;
    }
  }
  return true;
}

/// The norm that a part of the net computes, if it computes one.
std::optional<Norm> recognise(const onnx::ModelProto& part, const graph::Shape& shape) {
  try {
    Probe probe(part);
    constexpr float kNarrow = 0.01F;
    constexpr float kOther = 3.0F;
    const auto wide = answers(probe, shape, 1.0F, 1);
    const auto narrow = wide ? answers(probe, shape, kNarrow, 2) : std::nullopt;
    if (!narrow) {
      return std::nullopt;
    }
    Norm norm;
    norm.epsilon = exact_epsilon(part, solve_epsilon(*wide, *narrow));
    bool normalises = false;
    for (const Line& line : *wide) {
      norm.scale.push_back(static_cast<float>(line.gain * std::sqrt(line.variance + norm.epsilon)));
      norm.shift.push_back(static_cast<float>(line.mean));
      normalises = normalises || std::abs(line.gain) > 1e-4;
    }
    const auto other = answers(probe, shape, kOther, 3);
    if (!normalises || !other || !explains(norm, *narrow) || !explains(norm, *other)) {
      return std::nullopt;
    }
    return norm;
  } catch (const Error&) {
    return std::nullopt;  // a part that does not run alone is no norm that could be replaced
  }
}

void write_norm(onnx::GraphProto& graph, const std::string& source, const std::string& result,
                const Norm& norm) {
  const graph::Shape channels{static_cast<std::int64_t>(norm.scale.size())};
  const std::string scale = graph::add_weight(graph, "norm_scale", channels, norm.scale);
  const std::string shift = graph::add_weight(graph, "norm_shift", channels, norm.shift);
  auto& node =
      graph::replace_producer(graph, result, "InstanceNormalization", {source, scale, shift});
  graph::set_attribute(node, "epsilon", norm.epsilon);
  graph::remove_unused(graph);
}

/// Tensors that a spelt-out operator may begin at: the input and every node's first output.
std::vector<std::string> sources(const onnx::GraphProto& graph, const graph::Shapes& shapes) {
  std::vector<std::string> names{graph.input(0).name()};
  for (const auto& node : graph.node()) {
    names.push_back(node.output(0));
  }
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const std::string& name) {
                               const auto shape = shapes.find(name);
                               return shape == shapes.end() || shape->second.size() != 4 ||
                                      shape->second[0] != 1;
                             }),
              names.end());
  return names;
}

/// Rewrites the first norm that has not been looked at yet; false when there is none.
bool rewrite_next(onnx::ModelProto& model, const graph::Shapes& shapes,
                  std::set<std::pair<std::string, std::string>>& seen) {
  auto& graph = *model.mutable_graph();
  const graph::GraphIndex index(graph);
  for (const std::string& source : sources(graph, shapes)) {
    if (index.is_constant(source)) {
      continue;
    }
    const graph::Shape& shape = shapes.at(source);
    auto results = index.reachable(source, norm_spelling());
    // The latest that still is a norm of the source: it then takes scale and shift along.
    std::reverse(results.begin(), results.end());
    for (const std::string& result : results) {
      const auto found = shapes.find(result);
      if (found == shapes.end() || found->second != shape ||
          !may_be_norm(index.operators_between(source, result)) ||
          !seen.emplace(source, result).second) {
        continue;
      }
      if (const auto norm = recognise(graph::cut(model, source, shape, result), shape)) {
        write_norm(graph, source, result, *norm);
        return true;
      }
    }
  }
  return false;
}

}  // namespace

int rewrite_norms(onnx::ModelProto& model, const graph::Shapes& shapes) {
  std::set<std::pair<std::string, std::string>> seen;
  int count = 0;
  while (rewrite_next(model, shapes, seen)) {
    ++count;
  }
  return count;
}

}  // namespace impasto::style
