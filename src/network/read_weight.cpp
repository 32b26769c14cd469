#include "network/read_weight.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "base/half.h"
#include "graph/graph.h"
#include "graph/onnx_file.h"

namespace impasto::network {
namespace {

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

}  // namespace

void refuse(const std::string& file, const std::string& why) {
  throw Error(
      ExitCode::bad_input,
      fmt::format("{} is no network of Impasto's own, or one of an earlier form: {}", file, why));
}

std::vector<float> read_weight(const onnx::GraphProto& net, const std::string& name,
                               std::size_t size, const std::string& file) {
  const auto* tensor = graph::find_weight(net, name + "16");
  if (tensor == nullptr) {
    tensor = graph::find_weight(net, name);
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

}  // namespace impasto::network
