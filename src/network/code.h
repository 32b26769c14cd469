#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace impasto::network {

/// All that training moves, by name: "stem.weight" [O,I,3,3] row by row, "stem.scale" and
/// "stem.shift" [O] (absent in a base painter) ..., "out.weight", "out.bias".
using Weights = std::map<std::string, std::vector<float>>;

/// What makes a base painter paint like one painting: each norm's scale - 1, then its shift, in the
/// layers' order; `kCodeLength` numbers. All zero is the base painter unmoved.
using Code = std::vector<float>;

/// The scales and shifts of a style. Throws Error(bug) for weights that have none.
Code code_of(const Weights& style);

/// The base painter with a code built in: an ordinary style. Scales and shifts that are there
/// already are replaced. Throws Error(bug) for a code of another length.
Weights bake(const Weights& base, const Code& code);

/// Whether two networks differ in nothing but scales and shifts, so that their codes mix.
bool same_convolutions(const Weights& one, const Weights& other);

/// The mean by weights, which need not sum to 1. Throws Error(bug) where there is nothing to mix,
/// lengths differ or the weights' sum is not above zero.
Code mix(std::span<const std::pair<Code, double>> shares);

/// The same of all weights, for styles that were learnt on from one base. Throws like `mix`.
Weights mix_weights(std::span<const std::pair<Weights, double>> shares);

}  // namespace impasto::network
