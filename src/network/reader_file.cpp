#include "network/reader_file.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <utility>

#include "base/error.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "graph/onnx_file.h"
#include "network/layers.h"
#include "network/read_weight.h"

namespace impasto::network {
namespace {

using graph::set_attribute;

constexpr float kLeastVariance = 1e-6F;

class ReaderWriter {
 public:
  explicit ReaderWriter(const Weights& weights) : weights_(weights), net_("reader") {
    net_.add_input("painting", {1, 3, -1, -1});
    net_.add_output("code", {1, static_cast<std::int64_t>(kCodeLength)});
  }

  std::string write(const Metadata& metadata) {
    net_.add_floats("half", {}, {0.5F});
    net_.add_floats("least", {}, {kLeastVariance});
    net_.add("Sub", {"painting", "half"}, "centred");
    std::string at = "centred";
    std::vector<std::string> statistics;
    for (const ReaderLayer& layer : kReaderLayers) {
      at = add_layer(layer, at);
      add_statistics(layer.name, at, statistics);
    }
    set_attribute(net_.add("Concat", statistics, "statistics"), "axis", std::int64_t{1});
    add_linear("first", "statistics", reader_statistics(), kReaderHidden);
    net_.add("Relu", {"first"}, "first.relu");
    add_linear("second", "first.relu", kReaderHidden, kReaderHidden);
    net_.add("Relu", {"second"}, "second.relu");
    add_linear("third", "second.relu", kReaderHidden, static_cast<std::int64_t>(kCodeLength),
               "code");
    return net_.write(metadata);
  }

 private:
  const std::vector<float>& weight(const std::string& name, std::int64_t size) const {
    const auto found = weights_.find(name);
    if (found == weights_.end() || static_cast<std::int64_t>(found->second.size()) != size) {
      throw Error(ExitCode::bug,
                  fmt::format("a reader was to be written whose weight \"{}\" is missing", name));
    }
    return found->second;
  }

  std::string add_layer(const ReaderLayer& layer, const std::string& from) {
    const std::string name = layer.name;
    net_.add_halves(name + ".weight", {layer.outputs, layer.inputs, 3, 3},
                    weight(name + ".weight", layer.outputs * layer.inputs * 9));
    net_.add_floats(name + ".bias", {layer.outputs}, weight(name + ".bias", layer.outputs));
    net_.add_convolution(name, from, layer.stride, 1, true);
    net_.add("Relu", {name}, name + ".relu");
    return name + ".relu";
  }

  /// Mean and deviation [1,C] of a tensor [1,C,H,W].
  void add_statistics(const std::string& name, const std::string& of,
                      std::vector<std::string>& statistics) {
    const std::vector<std::int64_t> planes{2, 3};
    const auto mean = [&](const std::string& from, const std::string& to, std::int64_t keep) {
      auto& node = net_.add("ReduceMean", {from}, to);
      set_attribute(node, "axes", planes);
      set_attribute(node, "keepdims", keep);
    };
    mean(of, name + ".level", 1);
    mean(of, name + ".mean", 0);
    net_.add("Sub", {of, name + ".level"}, name + ".detail");
    net_.add("Mul", {name + ".detail", name + ".detail"}, name + ".square");
    mean(name + ".square", name + ".variance", 0);
    net_.add("Add", {name + ".variance", "least"}, name + ".spread");
    net_.add("Sqrt", {name + ".spread"}, name + ".deviation");
    statistics.push_back(name + ".mean");
    statistics.push_back(name + ".deviation");
  }

  void add_linear(const std::string& name, const std::string& from, std::int64_t inputs,
                  std::int64_t outputs, const std::string& to = "") {
    net_.add_halves(name + ".weight", {outputs, inputs},
                    weight(name + ".weight", outputs * inputs));
    net_.add_floats(name + ".bias", {outputs}, weight(name + ".bias", outputs));
    set_attribute(
        net_.add("Gemm", {from, name + ".weight", name + ".bias"}, to.empty() ? name : to),
        "transB", std::int64_t{1});
  }

  const Weights& weights_;
  graph::Builder net_;
};

}  // namespace

std::string write_reader(const Weights& weights, const Metadata& metadata) {
  return ReaderWriter(weights).write(metadata);
}

Weights read_reader(std::string_view bytes, const std::string& file) {
  const onnx::ModelProto model = graph::parse_onnx(bytes, file);
  Weights weights;
  const auto take = [&](const std::string& name, std::int64_t outputs, std::int64_t inputs) {
    for (const auto& [of, size] : {std::pair(".weight", outputs * inputs), {".bias", outputs}}) {
      weights[name + of] =
          read_weight(model.graph(), name + of, static_cast<std::size_t>(size), file);
    }
  };
  for (const ReaderLayer& layer : kReaderLayers) {
    take(layer.name, layer.outputs, layer.inputs * 9);
  }
  take("first", kReaderHidden, reader_statistics());
  take("second", kReaderHidden, kReaderHidden);
  take("third", static_cast<std::int64_t>(kCodeLength), kReaderHidden);
  return weights;
}

}  // namespace impasto::network
