#include "network/network_file.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "graph/graph.h"
#include "graph/onnx_file.h"
#include "network/layers.h"
#include "network/read_weight.h"

namespace impasto::network {
namespace {

/// A network of the same weights that pads or norms otherwise would paint something else.
void check_operators(const onnx::GraphProto& net, const std::string& file) {
  const auto expect = [&](const char* op, std::size_t wanted) {
    const auto count = static_cast<std::size_t>(
        std::count_if(net.node().begin(), net.node().end(),
                      [&](const auto& node) { return node.op_type() == op; }));
    if (count != wanted) {
      refuse(file, fmt::format("it has {} operators {} instead of {}", count, op, wanted));
    }
  };
  expect("Conv", kLayers.size());
  expect("InstanceNormalization", kLayers.size() - 1);
  expect("Pad", 2 + kBlocks);
}

}  // namespace

Weights read(std::string_view bytes, const std::string& file) {
  const onnx::ModelProto model = graph::parse_onnx(bytes, file);
  const onnx::GraphProto& net = model.graph();
  check_operators(net, file);
  Weights weights;
  const auto is_code = [](const auto& input) { return input.name() == "code"; };
  const bool is_base = std::any_of(net.input().begin(), net.input().end(), is_code);
  for (const Layer& layer : kLayers) {
    const std::string name = layer.name;
    const auto channels = static_cast<std::size_t>(layer.outputs);
    weights[name + ".weight"] = read_weight(net, name + ".weight", weight_size(layer), file);
    if (!layer.normed) {
      weights[name + ".bias"] = read_weight(net, name + ".bias", channels, file);
    } else if (!is_base) {
      weights[name + ".scale"] = read_weight(net, name + ".scale", channels, file);
      weights[name + ".shift"] = read_weight(net, name + ".shift", channels, file);
    }
  }
  return weights;
}

Metadata read_metadata(std::string_view bytes, const std::string& file) {
  const onnx::ModelProto model = graph::parse_onnx(bytes, file);
  Metadata metadata;
  for (const auto& entry : model.metadata_props()) {
    metadata[entry.key()] = entry.value();
  }
  return metadata;
}

}  // namespace impasto::network
