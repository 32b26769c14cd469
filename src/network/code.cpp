#include "network/code.h"

#include <fmt/format.h>

#include <cstddef>

#include "base/error.h"
#include "network/layers.h"

namespace impasto::network {
namespace {

const std::vector<float>& part(const Weights& weights, const std::string& name) {
  const auto found = weights.find(name);
  if (found == weights.end()) {
    throw Error(ExitCode::bug, fmt::format("a network's weights hold no \"{}\"", name));
  }
  return found->second;
}

template <typename Item>
double total_of(std::span<const std::pair<Item, double>> shares) {
  double total = 0;
  for (const auto& [item, weight] : shares) {
    total += weight;
  }
  if (!(total > 0)) {
    throw Error(ExitCode::bug, "a mix was asked for whose weights do not sum to more than zero");
  }
  return total;
}

}  // namespace

Code code_of(const Weights& style) {
  Code code;
  code.reserve(kCodeLength);
  for (const Layer& layer : kLayers) {
    if (!layer.normed) {
      continue;
    }
    for (const float scale : part(style, std::string(layer.name) + ".scale")) {
      code.push_back(scale - 1);
    }
    const auto& shift = part(style, std::string(layer.name) + ".shift");
    code.insert(code.end(), shift.begin(), shift.end());
  }
  return code;
}

Weights bake(const Weights& base, const Code& code) {
  if (code.size() != kCodeLength) {
    throw Error(ExitCode::bug, fmt::format("a code of {} numbers was to be built into a painter "
                                           "that takes {}",
                                           code.size(), kCodeLength));
  }
  Weights style = base;
  auto next = code.begin();
  for (const Layer& layer : kLayers) {
    if (!layer.normed) {
      continue;
    }
    auto& scale = style[std::string(layer.name) + ".scale"];
    scale.assign(next, next + layer.outputs);
    for (float& value : scale) {
      value += 1;
    }
    next += layer.outputs;
    style[std::string(layer.name) + ".shift"].assign(next, next + layer.outputs);
    next += layer.outputs;
  }
  return style;
}

bool same_convolutions(const Weights& one, const Weights& other) {
  for (const Layer& layer : kLayers) {
    const std::string name = std::string(layer.name) + ".weight";
    if (part(one, name) != part(other, name)) {
      return false;
    }
  }
  return part(one, "out.bias") == part(other, "out.bias");
}

Code mix(std::span<const std::pair<Code, double>> shares) {
  const double total = total_of(shares);
  std::vector<double> sums(shares.front().first.size(), 0.0);
  for (const auto& [code, weight] : shares) {
    if (code.size() != sums.size()) {
      throw Error(ExitCode::bug, fmt::format("codes of {} and {} numbers were to be mixed",
                                             sums.size(), code.size()));
    }
    for (std::size_t index = 0; index < sums.size(); ++index) {
      sums[index] += weight / total * static_cast<double>(code[index]);
    }
  }
  return {sums.begin(), sums.end()};
}

Weights mix_weights(std::span<const std::pair<Weights, double>> shares) {
  const double total = total_of(shares);
  Weights mixed;
  for (const auto& [name, values] : shares.front().first) {
    std::vector<std::pair<Code, double>> parts;
    for (const auto& [weights, weight] : shares) {
      parts.emplace_back(part(weights, name), weight / total);
    }
    mixed[name] = mix(parts);
  }
  return mixed;
}

}  // namespace impasto::network
