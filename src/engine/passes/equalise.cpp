#include "engine/passes/equalise.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <openvino/op/add.hpp>
#include <optional>
#include <set>

#include "base/error.h"
#include "engine/passes/activations.h"
#include "engine/passes/parts.h"

namespace impasto::engine::passes {
namespace {

using Values = std::vector<float>;

/// How much of the difference between channels is taken out of the values rather than put into the
/// weights; weights have a step of their own for each output channel.
constexpr double kShareOfValues = 0.7;
constexpr double kLeast = 1e-4;  // a channel that is next to nothing is left so

/// Convolutions that write and read one set of channels, through sums, ReLUs and padding.
struct Group {
  std::set<std::size_t> writers;
  std::set<std::size_t> readers;
  std::set<const ov::Node*> nodes;  ///< What lies between, the writers' own outputs included.
};

/// Collects a group from one of its writers; nothing when something lies between that would not
/// give the same picture.
class GroupFinder {
 public:
  explicit GroupFinder(const std::vector<Convolution>& all) : all_(all) {}

  std::optional<Group> from(std::size_t writer) {
    group_ = {};
    add_writer(writer);
    while (!open_.empty()) {
      const Output output = open_.front();
      open_.pop_front();
      const auto readers = output.get_target_inputs();
      const bool good = std::all_of(readers.begin(), readers.end(),
                                    [&](const auto& reader) { return see_reader(reader); });
      if (!good) {
        return std::nullopt;
      }
    }
    return group_;
  }

 private:
  void add_writer(std::size_t index) {
    if (group_.writers.insert(index).second) {
      group_.nodes.insert(all_[index].output().get_node());
      open_.push_back(all_[index].output());
    }
  }

  bool see_reader(const ov::Input<ov::Node>& reader) {
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const Convolution& one) {
      return one.node.get() == reader.get_node();
    });
    if (found != all_.end()) {
      group_.readers.insert(static_cast<std::size_t>(found - all_.begin()));
      return reader.get_index() == 0;
    }
    const ov::Node& node = *reader.get_node();
    const bool is_sum = ov::is_type<ov::op::v1::Add>(&node);
    if (!is_sum && !keeps_scale(node)) {
      return false;
    }
    if (group_.nodes.insert(&node).second) {
      open_.push_back(reader.get_node()->output(0));
      return !is_sum || (see_writer(node.input_value(0)) && see_writer(node.input_value(1)));
    }
    return true;
  }

  /// Both sides of a sum belong to the group, with whatever makes them.
  bool see_writer(const Output& output) {
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&](const Convolution& one) { return one.output() == output; });
    if (found != all_.end()) {
      add_writer(static_cast<std::size_t>(found - all_.begin()));
      return true;
    }
    const ov::Node* node = output.get_node();
    const bool is_sum = ov::is_type<ov::op::v1::Add>(node);
    if (!is_sum && !keeps_scale(*node)) {
      return false;
    }
    if (group_.nodes.insert(node).second) {
      open_.push_back(output);
      return see_writer(node->input_value(0)) && (!is_sum || see_writer(node->input_value(1)));
    }
    return true;
  }

  const std::vector<Convolution>& all_;
  Group group_;
  std::deque<Output> open_;
};

/// Each channel's share of the largest, over several tensors the largest share.
void widen(Values& shares, const Values& ranges) {
  const float most = *std::max_element(ranges.begin(), ranges.end());
  for (std::size_t c = 0; c < shares.size() && most > 0; ++c) {
    shares[c] = std::max(shares[c], ranges[c] / most);
  }
}

Values ranges_of(const ActivationStatistics& statistics) {
  Values ranges(statistics.mean.size());
  for (std::size_t c = 0; c < ranges.size(); ++c) {
    ranges[c] = std::max(std::abs(statistics.low[c]), std::abs(statistics.high[c]));
  }
  return ranges;
}

/// The largest weight on each input channel, as a share of the largest of its output channel.
Values weight_ranges(const Convolution& convolution) {
  Values shares(convolution.inputs(), 0);
  const std::size_t taps = convolution.taps();
  for (std::size_t output = 0; output < convolution.outputs(); ++output) {
    Values largest(convolution.inputs(), 0);
    for (std::size_t input = 0; input < convolution.inputs(); ++input) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        const std::size_t place = (output * convolution.inputs() + input) * taps + tap;
        largest[input] = std::max(largest[input], std::abs(convolution.weights[place]));
      }
    }
    widen(shares, largest);
  }
  return shares;
}

/// The numbers to divide a group's channels by; their geometric mean is 1.
Values divisors(const Values& values, const Values& weights) {
  Values result(values.size());
  double logarithms = 0;
  for (std::size_t c = 0; c < result.size(); ++c) {
    const double logarithm = kShareOfValues * std::log(std::max<double>(values[c], kLeast)) -
                             (1 - kShareOfValues) * std::log(std::max<double>(weights[c], kLeast));
    result[c] = static_cast<float>(logarithm);
    logarithms += logarithm / static_cast<double>(result.size());
  }
  for (float& one : result) {
    one = static_cast<float>(std::exp(one - logarithms));
  }
  return result;
}

void divide_outputs(Convolution& convolution, const Values& by) {
  const std::size_t per_output = convolution.weights.size() / convolution.outputs();
  for (std::size_t place = 0; place < convolution.weights.size(); ++place) {
    convolution.weights[place] /= by[place / per_output];
  }
  for (std::size_t c = 0; c < by.size(); ++c) {
    convolution.bias[c] /= by[c];
  }
}

void multiply_inputs(Convolution& convolution, const Values& by) {
  const std::size_t taps = convolution.taps();
  for (std::size_t place = 0; place < convolution.weights.size(); ++place) {
    convolution.weights[place] *= by[place / taps % convolution.inputs()];
  }
}

void divide(ActivationStatistics& statistics, const Values& by) {
  for (std::size_t c = 0; c < by.size(); ++c) {
    statistics.mean[c] /= by[c];
    statistics.low[c] /= by[c];
    statistics.high[c] /= by[c];
  }
}

}  // namespace

std::vector<ActivationStatistics> equalise(const std::shared_ptr<ov::Model>& net,
                                           std::vector<ActivationStatistics> statistics) {
  std::vector<Convolution> convolutions = find_convolutions(net);
  const std::vector<Activation> activations = find_activations(net);
  if (activations.size() != statistics.size()) {
    throw Error(ExitCode::bad_input, "a calibration has the ranges of another net; calibrate anew");
  }
  GroupFinder finder(convolutions);
  std::set<std::size_t> done;
  for (std::size_t index = 0; index < convolutions.size(); ++index) {
    const auto group = done.count(index) == 0 ? finder.from(index) : std::nullopt;
    if (!group || group->readers.empty()) {
      continue;
    }
    done.insert(group->writers.begin(), group->writers.end());
    Values values(convolutions[index].outputs(), 0);
    std::vector<std::size_t> seen;
    for (std::size_t i = 0; i < activations.size(); ++i) {
      if (group->nodes.count(activations[i].tensor.get_node()) > 0) {
        widen(values, ranges_of(statistics[i]));
        seen.push_back(i);
      }
    }
    Values weights(values.size(), 0);
    for (const std::size_t reader : group->readers) {
      const Values one = weight_ranges(convolutions[reader]);
      std::transform(weights.begin(), weights.end(), one.begin(), weights.begin(),
                     [](float left, float right) { return std::max(left, right); });
    }
    const Values by = divisors(values, weights);
    for (const std::size_t writer : group->writers) {
      divide_outputs(convolutions[writer], by);
    }
    for (const std::size_t reader : group->readers) {
      multiply_inputs(convolutions[reader], by);
    }
    for (const std::size_t i : seen) {
      divide(statistics[i], by);
    }
  }
  for (Convolution& convolution : convolutions) {
    convolution.store();
  }
  net->validate_nodes_and_infer_types();
  return statistics;
}

}  // namespace impasto::engine::passes
