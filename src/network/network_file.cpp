#include "network/network_file.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/half.h"
#include "graph/graph.h"
#include "graph/onnx_file.h"
#include "network/layers.h"

namespace impasto::network {
namespace {

using graph::find_weight;

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw Error(
      ExitCode::bad_input,
      fmt::format("{} is no network of Impasto's own, or one of an earlier form: {}", file, why));
}

/// 16-bit or 32-bit floats of a tensor.
std::vector<float> floats_of(const onnx::TensorProto& tensor) {
  if (tensor.data_type() != onnx::TensorProto::FLOAT16) {
    return graph::float_values(tensor);
  }
  std::vector<std::uint16_t> bits(tensor.int32_data().begin(), tensor.int32_data().end());
  if (tensor.has_raw_data()) {
    bits.resize(tensor.raw_data().size() / sizeof(std::uint16_t));
    std::memcpy(bits.data(), tensor.raw_data().data(), bits.size() * sizeof(std::uint16_t));
  }
  std::vector<float> values(bits.size());
  std::transform(bits.begin(), bits.end(), values.begin(), from_half);
  return values;
}

/// The weight called `name`, kept in 16 bits or not, with as many values as it must have.
std::vector<float> take(const onnx::GraphProto& net, const std::string& name, std::size_t size,
                        const std::string& file) {
  const auto* tensor = find_weight(net, name + "16");
  if (tensor == nullptr) {
    tensor = find_weight(net, name);
  }
  if (tensor == nullptr) {
    refuse(file, fmt::format("it has no weight \"{}\"", name));
  }
  std::vector<float> values = floats_of(*tensor);
  if (values.size() != size) {
    refuse(file,
           fmt::format("its weight \"{}\" has {} values instead of {}", name, values.size(), size));
  }
  if (!std::all_of(values.begin(), values.end(),
                   [](float value) { return std::isfinite(value); })) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is damaged: its weight \"{}\" holds values that are no numbers; "
                            "make it anew",
                            file, name));
  }
  return values;
}

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
    weights[name + ".weight"] = take(net, name + ".weight", weight_size(layer), file);
    if (!layer.normed) {
      weights[name + ".bias"] = take(net, name + ".bias", channels, file);
    } else if (!is_base) {
      weights[name + ".scale"] = take(net, name + ".scale", channels, file);
      weights[name + ".shift"] = take(net, name + ".shift", channels, file);
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
