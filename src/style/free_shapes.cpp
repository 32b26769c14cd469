#include "style/free_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/error.h"
#include "style/probe.h"

namespace impasto::style {
namespace {

const graph::Shape* known(const graph::Shapes& shapes, const std::string& tensor) {
  const auto found = shapes.find(tensor);
  return found == shapes.end() || found->second.size() != 4 ? nullptr : &found->second;
}

std::vector<std::int64_t> constant_ints(const onnx::GraphProto& graph, const onnx::NodeProto& node,
                                        int input) {
  if (input >= node.input_size()) {
    return {};
  }
  const auto* weight = graph::find_weight(graph, node.input(input));
  return weight == nullptr ? std::vector<std::int64_t>() : graph::int_values(*weight);
}

bool free_resize(onnx::GraphProto& graph, onnx::NodeProto& node, const graph::Shapes& shapes) {
  constexpr int kSizes = 3;
  const graph::Shape* from = known(shapes, node.input(0));
  const auto sizes = constant_ints(graph, node, kSizes);
  if (from == nullptr || sizes.size() != from->size()) {
    return false;
  }
  std::vector<float> scales;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    scales.push_back(static_cast<float>(sizes[axis]) / static_cast<float>((*from)[axis]));
  }
  const std::string name = graph::add_weight(graph, "resize_scales", {4}, scales);
  node.mutable_input()->DeleteSubrange(kSizes, 1);
  node.set_input(kSizes - 1, name);
  return true;
}

bool free_slice(onnx::GraphProto& graph, onnx::NodeProto& node, const graph::Shapes& shapes) {
  const graph::Shape* from = known(shapes, node.input(0));
  auto ends = constant_ints(graph, node, 2);
  auto axes = constant_ints(graph, node, 3);
  if (from == nullptr || ends.empty()) {
    return false;
  }
  for (std::size_t axis = axes.size(); axis < ends.size(); ++axis) {
    axes.push_back(static_cast<std::int64_t>(axis));
  }
  bool changed = false;
  for (std::size_t index = 0; index < ends.size(); ++index) {
    const std::int64_t axis = axes[index] < 0 ? axes[index] + 4 : axes[index];
    const std::int64_t length = (*from)[static_cast<std::size_t>(axis)];
    // An end in the far half of a plane is meant from the far edge.
    if (axis >= 2 && ends[index] > length / 2 && ends[index] <= length) {
      ends[index] =
          ends[index] == length ? std::numeric_limits<std::int64_t>::max() : ends[index] - length;
      changed = true;
    }
  }
  if (changed) {
    node.set_input(2, graph::add_weight(graph, "slice_ends", ends));
  }
  return changed;
}

std::vector<std::int64_t> ints(const onnx::NodeProto& node, const std::string& name,
                               std::vector<std::int64_t> otherwise) {
  const auto* attribute = graph::find_attribute(node, name);
  if (attribute == nullptr) {
    return otherwise;
  }
  return {attribute->ints().begin(), attribute->ints().end()};
}

bool free_transposed_convolution(const onnx::GraphProto& graph, onnx::NodeProto& node,
                                 const graph::Shapes& shapes) {
  const graph::Shape* from = known(shapes, node.input(0));
  const graph::Shape* to = known(shapes, node.output(0));
  const auto* kernel = graph::find_weight(graph, node.input(1));
  if (graph::find_attribute(node, "output_shape") == nullptr || from == nullptr || to == nullptr ||
      kernel == nullptr || kernel->dims_size() != 4) {
    return false;
  }
  const auto strides = ints(node, "strides", {1, 1});
  const auto dilations = ints(node, "dilations", {1, 1});
  const auto extra = ints(node, "output_padding", {0, 0});
  std::vector<std::int64_t> pads(4);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t reach = (kernel->dims(static_cast<int>(axis) + 2) - 1) * dilations[axis] + 1;
    const std::int64_t total =
        strides[axis] * ((*from)[axis + 2] - 1) + extra[axis] + reach - (*to)[axis + 2];
    if (total < 0) {
      return false;
    }
    pads[axis] = total / 2;
    pads[axis + 2] = total - total / 2;
  }
  graph::remove_attribute(node, "output_shape");
  graph::remove_attribute(node, "auto_pad");
  graph::set_attribute(node, "pads", pads);
  return true;
}

/// The nearest tensor before a Reshape that has the shape it restores, going back along the values
/// that are reshaped; empty when there is none. (Group norms are written so.)
std::string shape_giver(const graph::GraphIndex& index, const onnx::NodeProto& reshape,
                        const graph::Shapes& shapes) {
  const graph::Shape* restored = known(shapes, reshape.output(0));
  std::string tensor = reshape.input(0);
  while (restored != nullptr && !tensor.empty()) {
    const graph::Shape* shape = known(shapes, tensor);
    if (shape != nullptr && *shape == *restored) {
      return tensor;
    }
    const auto* producer = index.producer(tensor);
    tensor = producer == nullptr || producer->input().empty() ? "" : producer->input(0);
  }
  return "";
}

/// Lets Reshapes that restore a shape take it from the tensor that had it. Returns how many.
int free_reshapes(onnx::GraphProto& graph, const graph::Shapes& shapes) {
  std::vector<std::pair<std::string, std::string>> found;
  const graph::GraphIndex index(graph);
  for (const auto& node : graph.node()) {
    if (node.op_type() == "Reshape" && !constant_ints(graph, node, 1).empty()) {
      if (std::string giver = shape_giver(index, node, shapes); !giver.empty()) {
        found.emplace_back(node.output(0), std::move(giver));
      }
    }
  }
  for (const auto& [result, giver] : found) {
    const std::string shape = result + "_shape";
    auto& node = graph::insert_before(graph, result);
    node.set_op_type("Shape");
    node.set_name(shape);
    node.add_input(giver);
    node.add_output(shape);
    auto& nodes = *graph.mutable_node();
    std::find_if(nodes.begin(), nodes.end(), [&, &name = result](const auto& one) {
      return one.output(0) == name;
    })->set_input(1, shape);
  }
  return static_cast<int>(found.size());
}

/// Shape of a tensor of the net when its input has this shape; nothing when it does not run.
std::optional<graph::Shape> shape_at(const onnx::ModelProto& model, const std::string& tensor,
                                     const graph::Shape& input) {
  try {
    Probe probe(graph::cut(model, model.graph().input(0).name(), input, tensor));
    return probe.run(probe_noise(input, 1.0F, 1)).shape;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Which node is the first whose output is not right? The tensors of `nodes` depend on one another
/// in order, so the first wrong one is found by halving.
template <typename IsRight>
const onnx::NodeProto* first_wrong(const std::vector<const onnx::NodeProto*>& nodes,
                                   const IsRight& is_right) {
  const auto found = std::partition_point(
      nodes.begin(), nodes.end(), [&](const auto* node) { return is_right(node->output(0)); });
  return found == nodes.end() ? nullptr : *found;
}

std::string words_for(const onnx::NodeProto* node) {
  if (node == nullptr) {
    return "one of its operators";
  }
  return fmt::format("its operator {} \"{}\"", node->op_type(),
                     node->name().empty() ? node->output(0) : node->name());
}

/// The operator that holds a net to a size: it fails at another size, or gives the same size for
/// it.
std::string obstacle(const onnx::ModelProto& model, const graph::Shape& input) {
  graph::Shape other = input;
  other[2] += 32;
  other[3] += 64;
  const graph::Shapes shapes = graph::infer_shapes(model, input);
  std::vector<const onnx::NodeProto*> nodes;
  for (const auto& node : model.graph().node()) {
    nodes.push_back(&node);
  }
  const graph::GraphIndex index(model.graph());
  nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                             [&](const onnx::NodeProto* node) {
                               return index.is_constant(node->output(0)) ||
                                      node->op_type() == "Shape";
                             }),
              nodes.end());
  const auto* fails = first_wrong(
      nodes, [&](const std::string& tensor) { return shape_at(model, tensor, input).has_value(); });
  if (fails != nullptr) {
    return words_for(fails);
  }
  return words_for(first_wrong(nodes, [&](const std::string& tensor) {
    return shape_at(model, tensor, input) != shape_at(model, tensor, other);
  }));
}

}  // namespace

void free_operators(onnx::ModelProto& model, const graph::Shapes& shapes,
                    std::vector<std::string>& notes) {
  auto& graph = *model.mutable_graph();
  int resizes = 0;
  int slices = 0;
  int convolutions = 0;
  for (auto& node : *graph.mutable_node()) {
    if (node.op_type() == "Resize") {
      resizes += free_resize(graph, node, shapes) ? 1 : 0;
    } else if (node.op_type() == "Slice") {
      slices += free_slice(graph, node, shapes) ? 1 : 0;
    } else if (node.op_type() == "ConvTranspose") {
      convolutions += free_transposed_convolution(graph, node, shapes) ? 1 : 0;
    }
  }
  if (resizes > 0) {
    notes.push_back(fmt::format("{} resizings to fixed sizes go by scale", resizes));
  }
  if (slices > 0) {
    notes.push_back(
        fmt::format("{} crops at fixed places go by their distance from the edge", slices));
  }
  if (convolutions > 0) {
    notes.push_back(
        fmt::format("{} transposed convolutions to fixed sizes go by padding", convolutions));
  }
  if (const int reshapes = free_reshapes(graph, shapes); reshapes > 0) {
    notes.push_back(
        fmt::format("{} reshapes back to fixed sizes go by the shape before", reshapes));
  }
  graph::remove_unused(graph);
}

void open_ports(onnx::ModelProto& model) {
  auto& graph = *model.mutable_graph();
  graph.clear_value_info();
  graph::set_shape(*graph.mutable_input(0), {-1, 3, -1, -1});
  graph::set_shape(*graph.mutable_output(0), {-1, 3, -1, -1});
}

void check_size_free(const onnx::ModelProto& model, const std::string& file, std::int64_t height,
                     std::int64_t width) {
  const graph::Shape input{1, 3, height, width};
  const auto output = shape_at(model, model.graph().output(0).name(), input);
  if (output == input) {
    return;
  }
  const std::string what = output
                               ? fmt::format("for a picture of {}x{} it gives {}", width, height,
                                             graph::to_string(*output))
                               : fmt::format("it does not take a picture of {}x{}", width, height);
  throw Error(ExitCode::bad_input,
              fmt::format("{} paints pictures of one size only: {}; {} holds it back", file, what,
                          obstacle(model, input)));
}

}  // namespace impasto::style
