// The other half of network_file.h: from weights to an ONNX file.

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "network/layers.h"
#include "network/network_file.h"

namespace impasto::network {
namespace {

using graph::set_attribute;

/// Writes the network's graph operator by operator, in the order of its computation.
class Writer {
 public:
  Writer(const Weights& weights, bool with_code)
      : weights_(weights), with_code_(with_code), net_(with_code ? "painter" : "style") {
    net_.add_input("image", {-1, 3, -1, -1});
    if (with_code) {
      net_.add_input("code", {-1, static_cast<std::int64_t>(kCodeLength)});
    }
    net_.add_output("painted", {-1, 3, -1, -1});
  }

  std::string write(const Metadata& metadata) {
    add_constants();
    add("Sub", {"image", "half"}, "centred");
    set_attribute(add("SpaceToDepth", {add_mirror("centred", kMargin)}, "fold"), "blocksize",
                  kFold);
    add_layers();
    auto& unfold = add("DepthToSpace", {"out"}, "unfold");
    set_attribute(unfold, "blocksize", kFold);
    set_attribute(unfold, "mode", std::string("CRD"));
    add("Slice", {"unfold", "cut.from", "cut.to", "cut.axes"}, "cut");
    add("Mul", {"cut", "two"}, "gain");
    add("Sigmoid", {"gain"}, "painted");
    return net_.write(metadata);
  }

 private:
  onnx::NodeProto& add(const std::string& op, const std::vector<std::string>& inputs,
                       const std::string& output) {
    return net_.add(op, inputs, output);
  }

  static std::string margin_name(std::int64_t margin) { return fmt::format("margin{}", margin); }

  /// Lays a mirror image around a tensor; returns the wider one.
  std::string add_mirror(const std::string& from, std::int64_t margin) {
    std::string wider = from + ".mirrored";
    set_attribute(add("Pad", {from, margin_name(margin)}, wider), "mode", std::string("reflect"));
    return wider;
  }

  void add_constants() {
    net_.add_floats("half", {}, {0.5F});
    net_.add_floats("two", {}, {2});
    net_.add_floats("double", {4}, {1, 1, 2, 2});
    for (const std::int64_t margin : {kMargin, kBlockMargin, kUpMargin}) {
      net_.add_numbers(margin_name(margin), {0, 0, margin, margin, 0, 0, margin, margin});
    }
    net_.add_numbers("cut.from", {kCut, kCut});
    net_.add_numbers("cut.to", {-kCut, -kCut});
    net_.add_numbers("cut.axes", {2, 3});
    if (with_code_) {
      net_.add_floats("one", {}, {1});
      net_.add_numbers("code.axis", {1});
      net_.add_numbers("code.planes", {2, 3});
    }
  }

  /// A weight that is there and has as many values as it must.
  const std::vector<float>& weight(const std::string& name, std::size_t size) const {
    const auto found = weights_.find(name);
    if (found == weights_.end() || found->second.size() != size) {
      throw Error(ExitCode::bug,
                  fmt::format("a network was to be written whose weight \"{}\" {}", name,
                              found == weights_.end() ? "is missing" : "has the wrong size"));
    }
    return found->second;
  }

  void add_convolution(const Layer& layer, const std::string& from) {
    const std::string name = layer.name;
    const auto& values = weight(name + ".weight", weight_size(layer));
    net_.add_halves(name + ".weight", {layer.outputs, layer.inputs, 3, 3}, values);
    if (!layer.normed) {
      net_.add_floats(name + ".bias", {layer.outputs},
                      weight(name + ".bias", static_cast<std::size_t>(layer.outputs)));
    }
    net_.add_convolution(name, from, layer.stride, 0, !layer.normed);
  }

  /// The part of the code for a layer's `what`, [N,C,1,1].
  void add_slice_of_code(const std::string& name, std::int64_t channels) {
    net_.add_numbers(name + ".from", {code_place_});
    code_place_ += channels;
    net_.add_numbers(name + ".to", {code_place_});
    add("Slice", {"code", name + ".from", name + ".to", "code.axis"}, name + ".part");
    add("Unsqueeze", {name + ".part", "code.planes"}, name);
  }

  /// The layer's convolution and norm; returns the tensor that it gives.
  std::string add_layer(const Layer& layer, const std::string& from) {
    std::string name = layer.name;
    add_convolution(layer, from);
    if (!layer.normed) {
      return name;
    }
    const auto channels = static_cast<std::size_t>(layer.outputs);
    const std::string scale = name + (with_code_ ? ".ones" : ".scale");
    const std::string shift = name + (with_code_ ? ".zeros" : ".shift");
    net_.add_floats(scale, {layer.outputs},
                    with_code_ ? std::vector<float>(channels, 1) : weight(scale, channels));
    net_.add_floats(shift, {layer.outputs},
                    with_code_ ? std::vector<float>(channels, 0) : weight(shift, channels));
    set_attribute(add("InstanceNormalization", {name, scale, shift}, name + ".norm"), "epsilon",
                  kEpsilon);
    if (!with_code_) {
      return name + ".norm";
    }
    add_slice_of_code(name + ".scale", layer.outputs);
    add("Add", {name + ".scale", "one"}, name + ".scale1");
    add("Mul", {name + ".norm", name + ".scale1"}, name + ".scaled");
    add_slice_of_code(name + ".shift", layer.outputs);
    add("Add", {name + ".scaled", name + ".shift"}, name + ".shifted");
    return name + ".shifted";
  }

  std::string add_relu(const std::string& name, const std::string& from) {
    add("Relu", {from}, name + ".relu");
    return name + ".relu";
  }

  void add_layers() {
    std::string at = "fold";
    for (const Layer& layer : kLayers) {
      const std::string name = layer.name;
      if (name == "up") {
        auto& grow = add("Resize", {add_mirror(at, kUpMargin), "", "double"}, "grow");
        set_attribute(grow, "mode", std::string("nearest"));
        set_attribute(grow, "coordinate_transformation_mode", std::string("asymmetric"));
        set_attribute(grow, "nearest_mode", std::string("floor"));
        at = "grow";
      }
      if (name.ends_with(".a")) {
        block_input_ = at;
        at = add_mirror(at, kBlockMargin);
      }
      at = add_layer(layer, at);
      if (name.ends_with(".b")) {
        const std::string block = name.substr(0, name.size() - 2);
        add("Add", {block_input_, at}, block);
        at = block;
      } else if (layer.normed) {
        at = add_relu(name, at);
      }
      if (name == "up") {
        add("Add", {at, "stem.relu"}, "skip");
        at = "skip";
      }
    }
  }

  const Weights& weights_;
  bool with_code_;
  graph::Builder net_;
  std::string block_input_;
  std::int64_t code_place_ = 0;
};

}  // namespace

std::string write_style(const Weights& weights, const Metadata& metadata) {
  return Writer(weights, false).write(metadata);
}

std::string write_base(const Weights& weights, const Metadata& metadata) {
  return Writer(weights, true).write(metadata);
}

}  // namespace impasto::network
