#include "engine/folded_onnx.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <openvino/op/clamp.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <openvino/op/util/interpolate_base.hpp>
#include <openvino/op/util/pad_base.hpp>
#include <openvino/openvino.hpp>
#include <openvino/opsets/opset13.hpp>

#include "base/error.h"
#include "engine/openvino/net.h"
#include "engine/passes/calibrated.h"
#include "graph/builder.h"
#include "graph/graph.h"

namespace impasto::engine {
namespace {

using graph::set_attribute;
using Numbers = std::vector<std::int64_t>;
using Values = std::vector<float>;
namespace op = ov::op;

/// Steps of a tensor in 8 bits.
struct Steps {
  float size = 0;
  int zero = 0;
};

/// Writes a net operator by operator.
class Writer {
 public:
  Writer(std::shared_ptr<ov::Model> net, std::string file)
      : net_(std::move(net)), file_(std::move(file)), builder_("impasto") {}

  std::string write(const std::map<std::string, std::string>& metadata) {
    builder_.add_input("image", {1, 3, -1, -1});
    for (const auto& node : net_->get_ordered_ops()) {
      add(*node);
    }
    builder_.add_output("painted", {1, 3, -1, -1});
    return builder_.write(metadata);
  }

 private:
  void add(const ov::Node& node) {
    const std::string name = name_of(node);
    if (ov::is_type<op::v0::Constant>(&node)) {
      return;  // written where it is read
    }
    if (ov::is_type<op::v0::Parameter>(&node)) {
      names_[&node] = "image";
    } else if (ov::is_type<op::v0::Result>(&node)) {
      builder_.add("Identity", {input(node, 0)}, "painted");
    } else if (const auto* convolution = ov::as_type<const op::v1::Convolution>(&node)) {
      add_convolution(*convolution, name);
    } else if (const auto* steps = ov::as_type<const op::v0::FakeQuantize>(&node)) {
      add_steps(*steps, name);
    } else if (const auto* pad = ov::as_type<const op::util::PadBase>(&node)) {
      add_pad(*pad, name);
    } else if (const auto* resize = ov::as_type<const op::util::InterpolateBase>(&node)) {
      add_resize(*resize, name);
    } else if (const auto* slice = ov::as_type<const op::v8::Slice>(&node)) {
      add_slice(*slice, name);
    } else if (const auto* fold = ov::as_type<const op::v0::SpaceToDepth>(&node)) {
      require(fold->get_mode() == op::v0::SpaceToDepth::SpaceToDepthMode::BLOCKS_FIRST, node);
      set_attribute(builder_.add("SpaceToDepth", {input(node, 0)}, name), "blocksize",
                    static_cast<std::int64_t>(fold->get_block_size()));
    } else if (const auto* unfold = ov::as_type<const op::v0::DepthToSpace>(&node)) {
      const bool depth_first =
          unfold->get_mode() == op::v0::DepthToSpace::DepthToSpaceMode::DEPTH_FIRST;
      auto& written = builder_.add("DepthToSpace", {input(node, 0)}, name);
      set_attribute(written, "blocksize", static_cast<std::int64_t>(unfold->get_block_size()));
      set_attribute(written, "mode", std::string(depth_first ? "CRD" : "DCR"));
    } else if (const auto* clamp = ov::as_type<const op::v0::Clamp>(&node)) {
      builder_.add_floats(name + ".min", {}, {static_cast<float>(clamp->get_min())});
      builder_.add_floats(name + ".max", {}, {static_cast<float>(clamp->get_max())});
      builder_.add("Clip", {input(node, 0), name + ".min", name + ".max"}, name);
    } else {
      add_plain(node, name);
    }
    names_.try_emplace(&node, name);
  }

  /// Operators that are called the same in ONNX and have no attributes.
  void add_plain(const ov::Node& node, const std::string& name) {
    static const std::map<std::string, std::string> kSame{
        {"Add", "Add"},   {"Subtract", "Sub"}, {"Multiply", "Mul"},   {"Divide", "Div"},
        {"Relu", "Relu"}, {"Tanh", "Tanh"},    {"Sigmoid", "Sigmoid"}};
    const auto same = kSame.find(node.get_type_name());
    require(same != kSame.end(), node);
    std::vector<std::string> inputs;
    for (std::size_t index = 0; index < node.get_input_size(); ++index) {
      inputs.push_back(input(node, index));
    }
    builder_.add(same->second, inputs, name);
  }

  void add_convolution(const op::v1::Convolution& node, const std::string& name) {
    const auto places = [](const auto& values) { return Numbers(values.begin(), values.end()); };
    Numbers pads = places(node.get_pads_begin());
    const Numbers ends = places(node.get_pads_end());
    pads.insert(pads.end(), ends.begin(), ends.end());
    const ov::Shape& shape = node.get_input_shape(1);
    add_weights(node, name);
    auto& written = builder_.add("Conv", {input(node, 0), name + ".weight"}, name);
    set_attribute(written, "strides", places(node.get_strides()));
    set_attribute(written, "dilations", places(node.get_dilations()));
    set_attribute(written, "pads", pads);
    set_attribute(written, "kernel_shape", Numbers(shape.begin() + 2, shape.end()));
  }

  void add_weights(const op::v1::Convolution& node, const std::string& name) {
    const ov::Shape& shape = node.get_input_shape(1);
    const graph::Shape dims(shape.begin(), shape.end());
    const auto* steps = ov::as_type<const op::v0::FakeQuantize>(node.get_input_node_ptr(1));
    if (steps == nullptr) {
      builder_.add_floats(name + ".weight", dims, constant(*node.get_input_node_ptr(1), node));
      return;
    }
    const Values values = constant(*steps->get_input_node_ptr(0), node);
    const Values most = constant(*steps->get_input_node_ptr(2), node);
    constexpr float kHalf = 127;
    Values scales(most.size());
    std::transform(most.begin(), most.end(), scales.begin(),
                   [](float value) { return value / kHalf; });
    std::vector<std::int8_t> bytes(values.size());
    const std::size_t per_output = values.size() / most.size();
    for (std::size_t place = 0; place < values.size(); ++place) {
      bytes[place] =
          static_cast<std::int8_t>(std::lround(values[place] / scales[place / per_output]));
    }
    builder_.add_bytes(name + ".weight8", dims, bytes);
    builder_.add_floats(name + ".weight.step", {static_cast<std::int64_t>(scales.size())}, scales);
    builder_.add_bytes(name + ".weight.zero", {static_cast<std::int64_t>(scales.size())},
                       std::vector<std::int8_t>(scales.size(), 0));
    set_attribute(builder_.add("DequantizeLinear",
                               {name + ".weight8", name + ".weight.step", name + ".weight.zero"},
                               name + ".weight"),
                  "axis", std::int64_t{0});
  }

  void add_steps(const op::v0::FakeQuantize& node, const std::string& name) {
    if (ov::is_type<op::v0::Constant>(node.get_input_node_ptr(0))) {
      return;  // weights, written with their convolution
    }
    const float low = constant(*node.get_input_node_ptr(1), node).front();
    const float high = constant(*node.get_input_node_ptr(2), node).front();
    const Steps steps{(high - low) / 255, static_cast<int>(std::lround(-low * 255 / (high - low)))};
    builder_.add_floats(name + ".step", {}, {steps.size});
    builder_.add_bytes(name + ".zero", {},
                       std::vector<std::uint8_t>{static_cast<std::uint8_t>(steps.zero)});
    builder_.add("QuantizeLinear", {input(node, 0), name + ".step", name + ".zero"}, name + ".8");
    builder_.add("DequantizeLinear", {name + ".8", name + ".step", name + ".zero"}, name);
  }

  void add_pad(const op::util::PadBase& node, const std::string& name) {
    const auto places = [](const auto& values) { return Numbers(values.begin(), values.end()); };
    const auto mode = node.get_pad_mode();
    require(
        mode == op::PadMode::REFLECT || mode == op::PadMode::EDGE || mode == op::PadMode::CONSTANT,
        node);
    Numbers pads = places(node.get_pads_begin());
    const Numbers ends = places(node.get_pads_end());
    pads.insert(pads.end(), ends.begin(), ends.end());
    builder_.add_numbers(name + ".pads", pads);
    auto& written = builder_.add("Pad", {input(node, 0), name + ".pads"}, name);
    set_attribute(written, "mode",
                  std::string(mode == op::PadMode::REFLECT ? "reflect"
                              : mode == op::PadMode::EDGE  ? "edge"
                                                           : "constant"));
  }

  void add_resize(const op::util::InterpolateBase& node, const std::string& name) {
    using Base = op::util::InterpolateBase;
    static const std::map<Base::CoordinateTransformMode, std::string> kPlaces{
        {Base::CoordinateTransformMode::HALF_PIXEL, "half_pixel"},
        {Base::CoordinateTransformMode::PYTORCH_HALF_PIXEL, "pytorch_half_pixel"},
        {Base::CoordinateTransformMode::ASYMMETRIC, "asymmetric"},
        {Base::CoordinateTransformMode::ALIGN_CORNERS, "align_corners"}};
    static const std::map<Base::NearestMode, std::string> kRounding{
        {Base::NearestMode::ROUND_PREFER_FLOOR, "round_prefer_floor"},
        {Base::NearestMode::ROUND_PREFER_CEIL, "round_prefer_ceil"},
        {Base::NearestMode::FLOOR, "floor"},
        {Base::NearestMode::CEIL, "ceil"}};
    const auto& attributes = node.get_attrs();
    const bool nearest = attributes.mode == Base::InterpolateMode::NEAREST;
    const auto place = kPlaces.find(attributes.coordinate_transformation_mode);
    const auto rounding = kRounding.find(attributes.nearest_mode);
    require(place != kPlaces.end() && rounding != kRounding.end() &&
                (nearest || attributes.mode == Base::InterpolateMode::LINEAR_ONNX),
            node);
    const ov::Shape& from = node.get_input_shape(0);
    const ov::Shape& to = node.get_output_shape(0);
    Values scales(from.size());
    std::transform(to.begin(), to.end(), from.begin(), scales.begin(),
                   [](std::size_t larger, std::size_t side) {
                     return static_cast<float>(larger) / static_cast<float>(side);
                   });
    builder_.add_floats(name + ".scales", {4}, scales);
    auto& written = builder_.add("Resize", {input(node, 0), "", name + ".scales"}, name);
    set_attribute(written, "mode", std::string(nearest ? "nearest" : "linear"));
    set_attribute(written, "coordinate_transformation_mode", place->second);
    set_attribute(written, "nearest_mode", rounding->second);
  }

  void add_slice(const op::v8::Slice& node, const std::string& name) {
    const char* const parts[] = {"", ".from", ".to", ".steps", ".axes"};
    std::vector<std::string> inputs{input(node, 0)};
    for (const std::size_t index : {1, 2, 4, 3}) {  // ONNX has axes before steps
      require(index < node.get_input_size(), node);
      const auto* numbers = ov::as_type<const op::v0::Constant>(node.get_input_node_ptr(index));
      require(numbers != nullptr, node);
      builder_.add_numbers(name + parts[index], numbers->cast_vector<std::int64_t>());
      inputs.push_back(name + parts[index]);
    }
    builder_.add("Slice", inputs, name);
  }

  /// The name of what a node reads; constants are written when they are first read.
  std::string input(const ov::Node& node, std::size_t index) {
    const ov::Node* from = node.get_input_node_ptr(index);
    const auto known = names_.find(from);
    if (known != names_.end()) {
      return known->second;
    }
    const ov::Shape& shape = from->get_output_shape(0);
    std::string name = name_of(*from);
    builder_.add_floats(name, graph::Shape(shape.begin(), shape.end()), constant(*from, node));
    names_[from] = name;
    return name;
  }

  [[nodiscard]] Values constant(const ov::Node& node, const ov::Node& reader) const {
    const auto* values = ov::as_type<const op::v0::Constant>(&node);
    require(values != nullptr, reader);
    return values->cast_vector<float>();
  }

  /// A name of its own; OpenVINO's friendly names may come twice.
  std::string name_of(const ov::Node& node) {
    std::string name = node.get_friendly_name();
    std::replace(name.begin(), name.end(), '/', '.');
    if (name == "image" || name == "painted" || !used_.insert(name).second) {
      name += fmt::format(".{}", used_.size());
      used_.insert(name);
    }
    return name;
  }

  void require(bool known, const ov::Node& node) const {
    if (!known) {
      throw Error(
          ExitCode::bad_input,
          fmt::format("{} cannot be written as a folded net, since the operator {} (\"{}\") "
                      "is used in a way that is not known here",
                      file_, node.get_type_name(), node.get_friendly_name()));
    }
  }

  std::shared_ptr<ov::Model> net_;
  std::string file_;
  graph::Builder builder_;
  std::map<const ov::Node*, std::string> names_;
  std::set<std::string> used_;
};

}  // namespace

std::string folded_onnx(const std::filesystem::path& onnx_file, const Calibration& calibration,
                        const std::optional<std::set<std::string>>& kept,
                        const std::map<std::string, std::string>& metadata) {
  constexpr Size kAny{256, 256};  // all that depends on the size is left open
  const auto net = openvino::read_for_canvas(onnx_file, kAny);
  passes::paint_by(calibration, net, kept);
  return Writer(net, onnx_file.string()).write(metadata);
}

}  // namespace impasto::engine
