#include "style/rewrite_resample.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "style/probe.h"

namespace impasto::style {
namespace {

using engine::Tensor;

/// Where an output value [c,y,x] comes from in the input; batch is 1 throughout.
struct Place {
  std::int64_t channel;
  std::int64_t y;
  std::int64_t x;
};
using Origin = std::function<Place(const Place&)>;

/// An operator that moves values, and the check for it.
struct Move {
  std::string op;  ///< "Resize", "DepthToSpace", "SpaceToDepth", "Identity".
  std::int64_t factor_y = 1;
  std::int64_t factor_x = 1;
  std::string mode;  ///< Of the order of channels: "DCR" or "CRD".
  Origin origin;
};

const std::set<std::string>& moving_operators() {
  // Adding 0 and multiplying by 1 belong to it: exporters copy a tensor that way.
  static const std::set<std::string> kOperators{
      "Add",     "Cast",  "Concat", "Dropout", "Expand",  "Flatten", "Gather",    "Identity", "Mul",
      "Reshape", "Shape", "Slice",  "Split",   "Squeeze", "Tile",    "Transpose", "Unsqueeze"};
  return kOperators;
}

bool may_be_move(const std::set<std::string>& operators) {
  for (const char* name : {"Reshape", "Concat", "Expand", "Tile", "Flatten"}) {
    if (operators.count(name) > 0) {
      return true;
    }
  }
  return false;
}

/// Everything that a move from one shape to another could be.
std::vector<Move> candidates(const graph::Shape& from, const graph::Shape& to) {
  std::vector<Move> moves;
  if (from == to) {
    moves.push_back({"Identity", 1, 1, "", [](const Place& place) { return place; }});
  } else if (from[1] == to[1] && to[2] % from[2] == 0 && to[3] % from[3] == 0) {
    const std::int64_t k = to[2] / from[2];
    const std::int64_t l = to[3] / from[3];
    moves.push_back({"Resize", k, l, "", [k, l](const Place& place) {
                       return Place{place.channel, place.y / k, place.x / l};
                     }});
  }
  const std::int64_t up = to[2] / from[2];
  if (up > 1 && to[2] == up * from[2] && to[3] == up * from[3] && from[1] == to[1] * up * up) {
    const std::int64_t channels = to[1];
    moves.push_back({"DepthToSpace", up, up, "DCR", [up, channels](const Place& place) {
                       const std::int64_t cell = place.y % up * up + place.x % up;
                       return Place{cell * channels + place.channel, place.y / up, place.x / up};
                     }});
    moves.push_back({"DepthToSpace", up, up, "CRD", [up](const Place& place) {
                       const std::int64_t cell = place.y % up * up + place.x % up;
                       return Place{place.channel * up * up + cell, place.y / up, place.x / up};
                     }});
  }
  const std::int64_t down = from[2] / to[2];
  if (down > 1 && from[2] == down * to[2] && from[3] == down * to[3] &&
      to[1] == from[1] * down * down) {
    const std::int64_t channels = from[1];
    moves.push_back({"SpaceToDepth", down, down, "", [down, channels](const Place& place) {
                       const std::int64_t cell = place.channel / channels;
                       return Place{place.channel % channels, place.y * down + cell / down,
                                    place.x * down + cell % down};
                     }});
    moves.push_back({"SpaceToDepth", down, down, "CRD", [down](const Place& place) {
                       const std::int64_t cell = place.channel % (down * down);
                       return Place{place.channel / (down * down), place.y * down + cell / down,
                                    place.x * down + cell % down};
                     }});
  }
  return moves;
}

bool moves_so(const Tensor& in, const Tensor& out, const Origin& origin) {
  std::size_t index = 0;
  for (std::int64_t channel = 0; channel < out.shape[1]; ++channel) {
    for (std::int64_t y = 0; y < out.shape[2]; ++y) {
      for (std::int64_t x = 0; x < out.shape[3]; ++x) {
        const Place from = origin({channel, y, x});
        const auto at = (from.channel * in.shape[2] + from.y) * in.shape[3] + from.x;
        if (out.values[index++] != in.values[static_cast<std::size_t>(at)]) {
          return false;
        }
      }
    }
  }
  return true;
}

std::optional<Move> recognise(const onnx::ModelProto& part, const graph::Shape& from,
                              const graph::Shape& to) {
  const std::vector<Move> moves = candidates(from, to);
  if (moves.empty()) {
    return std::nullopt;
  }
  try {
    const Tensor in = probe_noise(from, 1.0F, 1);
    const Tensor out = Probe(part).run(in);
    for (const Move& move : moves) {
      if (out.shape == to && moves_so(in, out, move.origin)) {
        return move;
      }
    }
  } catch (const Error&) {
    // a part that does not run alone is none that could be replaced
  }
  return std::nullopt;
}

void write_upsampling(onnx::GraphProto& graph, const std::string& source, const std::string& result,
                      const Move& move) {
  const std::vector<float> factors{1, 1, static_cast<float>(move.factor_y),
                                   static_cast<float>(move.factor_x)};
  const std::string scales = graph::add_weight(graph, "upsampling", {4}, factors);
  auto& node = graph::replace_producer(graph, result, "Resize", {source, "", scales});
  graph::set_attribute(node, "mode", std::string("nearest"));
  graph::set_attribute(node, "coordinate_transformation_mode", std::string("asymmetric"));
  graph::set_attribute(node, "nearest_mode", std::string("floor"));
}

/// SpaceToDepth puts the cells first. Nets that put the channels first get a convolution that picks
/// one pixel for each output channel: as exact, and a Gather behind SpaceToDepth comes out wrong in
/// OpenVINO 2026.4.
void write_space_to_depth(onnx::GraphProto& graph, const std::string& source,
                          const std::string& result, const Move& move, std::int64_t channels) {
  const std::int64_t side = move.factor_y;
  if (move.mode != "CRD") {
    graph::set_attribute(graph::replace_producer(graph, result, "SpaceToDepth", {source}),
                         "blocksize", side);
    return;
  }
  const std::int64_t cells = side * side;
  std::vector<float> picks(static_cast<std::size_t>(channels * cells * channels * cells));
  for (std::int64_t to = 0; to < channels * cells; ++to) {
    const std::int64_t from = to / cells;
    picks[static_cast<std::size_t>((to * channels + from) * cells + to % cells)] = 1;
  }
  const std::string kernel =
      graph::add_weight(graph, "pixel_picks", {channels * cells, channels, side, side}, picks);
  auto& node = graph::replace_producer(graph, result, "Conv", {source, kernel});
  graph::set_attribute(node, "strides", std::vector<std::int64_t>{side, side});
}

void write_move(onnx::GraphProto& graph, const std::string& source, const std::string& result,
                const Move& move, std::int64_t channels) {
  if (move.op == "Resize") {
    write_upsampling(graph, source, result, move);
  } else if (move.op == "SpaceToDepth") {
    write_space_to_depth(graph, source, result, move, channels);
  } else {
    auto& node = graph::replace_producer(graph, result, move.op, {source});
    if (move.op == "DepthToSpace") {
      graph::set_attribute(node, "blocksize", move.factor_y);
      graph::set_attribute(node, "mode", move.mode);
    }
  }
  graph::remove_unused(graph);
}

/// The tensors whose values a moving operator takes: where a move may begin.
std::vector<std::string> sources(const onnx::GraphProto& graph, const graph::Shapes& shapes) {
  std::vector<std::string> names;
  for (const auto& node : graph.node()) {
    if (moving_operators().count(node.op_type()) == 0) {
      continue;
    }
    for (const auto& input : node.input()) {
      const auto shape = shapes.find(input);
      if (shape != shapes.end() && shape->second.size() == 4 && shape->second[0] == 1) {
        names.push_back(input);
      }
    }
  }
  return names;
}

/// Rewrites the first move that has not been looked at yet; nothing when there is none.
std::optional<Move> rewrite_next(onnx::ModelProto& model, const graph::Shapes& shapes,
                                 std::set<std::pair<std::string, std::string>>& seen) {
  auto& graph = *model.mutable_graph();
  const graph::GraphIndex index(graph);
  for (const std::string& source : sources(graph, shapes)) {
    if (index.is_constant(source)) {
      continue;
    }
    const graph::Shape& shape = shapes.at(source);
    auto results = index.reachable(source, moving_operators());
    std::reverse(results.begin(), results.end());
    for (const std::string& result : results) {
      const auto found = shapes.find(result);
      if (found == shapes.end() || found->second.size() != 4 || found->second[0] != 1 ||
          !may_be_move(index.operators_between(source, result)) ||
          !seen.emplace(source, result).second) {
        continue;
      }
      if (auto move = recognise(graph::cut(model, source, shape, result), shape, found->second)) {
        write_move(graph, source, result, *move, shape[1]);
        return move;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Resampled rewrite_resampling(onnx::ModelProto& model, const graph::Shapes& shapes) {
  std::set<std::pair<std::string, std::string>> seen;
  Resampled count;
  while (const auto move = rewrite_next(model, shapes, seen)) {
    count.upsamplings += move->op == "Resize" ? 1 : 0;
    count.pixel_shuffles += move->factor_y > 1 && move->op != "Resize" ? 1 : 0;
    count.idle += move->op == "Identity" ? 1 : 0;
  }
  return count;
}

}  // namespace impasto::style
