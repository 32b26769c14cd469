#include "engine/passes/norms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <openvino/op/add.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/mvn.hpp>

#include "base/error.h"

namespace impasto::engine::passes {
namespace {

bool is_over_the_picture(const ov::op::v6::MVN& norm) {
  const auto axes = values_of(norm.input_value(1));
  if (!axes || axes->size() != 2 || norm.get_input_partial_shape(0).rank() != 4) {
    return false;
  }
  return std::all_of(axes->begin(), axes->end(), [](float axis) {
    const int place = static_cast<int>(axis) + (axis < 0 ? 4 : 0);
    return place == 2 || place == 3;
  });
}

/// Takes a constant operand of the only reader's, if that is a `Node`, and goes on behind it.
template <typename Node>
void take_constant(Output& result, std::vector<float>& values) {
  const auto reader = only_reader(result);
  if (!reader || !ov::is_type<Node>(reader->get_node())) {
    return;
  }
  const auto constant =
      values_per_channel(reader->get_node()->input_value(1 - reader->get_index()), values.size());
  if (constant) {
    values = *constant;
    result = reader->get_node()->output(0);
  }
}

/// Puts `result` in the place of `old`, which nothing reads any more.
void replace(const Output& old, const Output& result) {
  for (auto reader : old.get_target_inputs()) {
    reader.replace_source_output(result);
  }
}

}  // namespace

std::vector<Norm> find_norms(const std::shared_ptr<ov::Model>& net) {
  std::vector<Norm> found;
  for (const auto& node : net->get_ordered_ops()) {
    const auto norm = ov::as_type_ptr<ov::op::v6::MVN>(node);
    if (!norm || !norm->get_normalize_variance() || !is_over_the_picture(*norm)) {
      continue;
    }
    const std::size_t channels = channels_of(norm->input_value(0));
    Norm one{"",
             norm->input_value(0),
             norm->output(0),
             norm->get_eps(),
             std::vector<float>(channels, 1),
             std::vector<float>(channels, 0)};
    take_constant<ov::op::v1::Multiply>(one.result, one.scale);
    take_constant<ov::op::v1::Add>(one.result, one.shift);
    one.name = one.result.get_node()->get_friendly_name();
    found.push_back(std::move(one));
  }
  return found;
}

void fold_norms(const std::shared_ptr<ov::Model>& net,
                const std::vector<NormStatistics>& statistics) {
  const std::vector<Norm> norms = find_norms(net);
  std::vector<Convolution> convolutions = find_convolutions(net);
  if (norms.size() != statistics.size()) {
    throw Error(ExitCode::bad_input, fmt::format("a calibration of {} norms is not of this net, "
                                                 "which has {}; calibrate anew",
                                                 statistics.size(), norms.size()));
  }
  for (std::size_t index = 0; index < norms.size(); ++index) {
    const Norm& norm = norms[index];
    const NormStatistics& seen = statistics[index];
    if (seen.mean.size() != norm.scale.size() || seen.deviation.size() != norm.scale.size()) {
      throw Error(ExitCode::bad_input,
                  fmt::format(R"(a calibration's norm "{}" is not this net's "{}"; calibrate anew)",
                              seen.name, norm.name));
    }
    std::vector<float> scale = norm.scale;
    std::vector<float> shift = norm.shift;
    for (std::size_t c = 0; c < scale.size(); ++c) {
      const double variance = static_cast<double>(seen.deviation[c]) * seen.deviation[c];
      const double factor = norm.scale[c] / std::sqrt(variance + norm.epsilon);
      scale[c] = static_cast<float>(factor);
      shift[c] = static_cast<float>(norm.shift[c] - seen.mean[c] * factor);
    }
    const auto before =
        std::find_if(convolutions.begin(), convolutions.end(), [&](const Convolution& one) {
          return one.output() == norm.input && only_reader(norm.input);
        });
    if (before == convolutions.end()) {
      const auto scaled = std::make_shared<ov::op::v1::Multiply>(norm.input, per_channel(scale));
      const auto moved = std::make_shared<ov::op::v1::Add>(scaled, per_channel(shift));
      moved->set_friendly_name(norm.name);
      replace(norm.result, moved->output(0));
      continue;
    }
    const std::size_t per_output = before->weights.size() / scale.size();
    for (std::size_t c = 0; c < scale.size(); ++c) {
      const auto first = before->weights.begin() + static_cast<std::ptrdiff_t>(c * per_output);
      std::for_each(first, first + static_cast<std::ptrdiff_t>(per_output),
                    [&](float& weight) { weight *= scale[c]; });
      before->bias[c] = before->bias[c] * scale[c] + shift[c];
    }
    before->store();
    replace(norm.result, before->output());
  }
  net->validate_nodes_and_infer_types();
}

}  // namespace impasto::engine::passes
