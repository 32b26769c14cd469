#include "network/enlarger_file.h"

#include <fmt/format.h>

#include "base/error.h"
#include "graph/builder.h"

namespace impasto::network {
namespace {

const std::vector<float>& weight(const Weights& weights, const std::string& name,
                                 std::int64_t size) {
  const auto found = weights.find(name);
  if (found == weights.end() || static_cast<std::int64_t>(found->second.size()) != size) {
    throw Error(ExitCode::bug,
                fmt::format("an enlarger was to be written whose weight \"{}\" is missing", name));
  }
  return found->second;
}

}  // namespace

std::string write_enlarger(const Weights& weights, const Metadata& metadata) {
  graph::Builder net("enlarger");
  net.add_input("blocks", {1, kEnlargerLayers.front().inputs, -1, -1});
  net.add_output("details", {1, kEnlargerLayers.back().outputs, -1, -1});
  std::string at = "blocks";
  for (const EnlargerLayer& layer : kEnlargerLayers) {
    const bool last = &layer == &kEnlargerLayers.back();
    const std::string name = last ? "details" : layer.name;
    net.add_halves(
        name + ".weight", {layer.outputs, layer.inputs, 3, 3},
        weight(weights, std::string(layer.name) + ".weight", layer.outputs * layer.inputs * 9));
    net.add_floats(name + ".bias", {layer.outputs},
                   weight(weights, std::string(layer.name) + ".bias", layer.outputs));
    net.add_convolution(name, at, 1, 0, true);
    if (!last) {
      at = name + ".relu";
      net.add("Relu", {name}, at);
    }
  }
  return net.write(metadata);
}

}  // namespace impasto::network
