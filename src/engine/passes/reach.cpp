#include "engine/passes/reach.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/depth_to_space.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <openvino/op/group_conv.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/prelu.hpp>
#include <openvino/op/result.hpp>
#include <openvino/op/slice.hpp>
#include <openvino/op/space_to_depth.hpp>
#include <openvino/op/util/binary_elementwise_arithmetic.hpp>
#include <openvino/op/util/convolution_backprop_base.hpp>
#include <openvino/op/util/convolution_base.hpp>
#include <openvino/op/util/interpolate_base.hpp>
#include <openvino/op/util/pad_base.hpp>
#include <openvino/op/util/unary_elementwise_arithmetic.hpp>

#include "engine/passes/parts.h"

namespace impasto::engine::passes {
namespace {

/// Places along one axis of a tensor, both ends included.
struct Interval {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value >= 0 ? value / by : -((-value + by - 1) / by);
}

std::size_t side_of(const ov::Shape& shape, std::size_t axis) {
  return *(shape.begin() + static_cast<std::ptrdiff_t>(axis));
}

/// The kernel's own size along an axis (2 or 3).
std::int64_t kernel_of(const ov::Node& node, std::size_t axis) {
  const ov::Shape& weights = node.get_input_shape(1);
  return static_cast<std::int64_t>(*(weights.end() - 4 + static_cast<std::ptrdiff_t>(axis)));
}

Interval read_by(const ov::op::util::ConvolutionFwdPropBase& node, Interval out, std::size_t axis) {
  const std::size_t place = axis - 2;
  const auto stride = static_cast<std::int64_t>(node.get_strides()[place]);
  const auto step = static_cast<std::int64_t>(node.get_dilations()[place]);
  const std::int64_t pad = node.get_pads_begin()[place];
  return {out.from * stride - pad, out.to * stride - pad + (kernel_of(node, axis) - 1) * step};
}

Interval read_by(const ov::op::util::ConvolutionBackPropBase& node, Interval out,
                 std::size_t axis) {
  const std::size_t place = axis - 2;
  const auto stride = static_cast<std::int64_t>(node.get_strides()[place]);
  const auto step = static_cast<std::int64_t>(node.get_dilations()[place]);
  const std::int64_t pad = node.get_pads_begin()[place];
  return {floor_divide(out.from + pad - (kernel_of(node, axis) - 1) * step, stride),
          floor_divide(out.to + pad, stride)};
}

std::optional<std::int64_t> begin_of_slice(const ov::op::v8::Slice& node, std::size_t axis) {
  const auto begins = values_of(node.input_value(1));
  const auto axes = node.get_input_size() > 4 ? values_of(node.input_value(4)) : std::nullopt;
  const auto steps = values_of(node.input_value(3));
  if (!begins || !axes || !steps) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < axes->size(); ++i) {
    if (static_cast<std::size_t>((*axes)[i]) == axis) {
      return (*steps)[i] == 1 && (*begins)[i] >= 0
                 ? std::optional(static_cast<std::int64_t>((*begins)[i]))
                 : std::nullopt;
    }
  }
  return 0;
}

bool works_place_by_place(const ov::Node& node) {
  return ov::is_type<ov::op::util::UnaryElementwiseArithmetic>(&node) ||
         ov::is_type<ov::op::util::BinaryElementwiseArithmetic>(&node) ||
         ov::is_type<ov::op::v0::FakeQuantize>(&node) || ov::is_type<ov::op::v0::Convert>(&node) ||
         ov::is_type<ov::op::v0::PRelu>(&node) || ov::is_type<ov::op::v0::Concat>(&node) ||
         ov::is_type<ov::op::v0::Result>(&node);
}

/// What a node reads of its first input to give an interval; nothing when that cannot be told.
std::optional<Interval> read_by(const ov::Node& node, Interval out, std::size_t axis) {
  if (const auto* one = ov::as_type<const ov::op::util::ConvolutionFwdPropBase>(&node)) {
    return read_by(*one, out, axis);
  }
  if (const auto* one = ov::as_type<const ov::op::util::ConvolutionBackPropBase>(&node)) {
    return read_by(*one, out, axis);
  }
  if (const auto* pad = ov::as_type<const ov::op::util::PadBase>(&node)) {
    const std::int64_t begin = pad->get_pads_begin().at(axis);
    return Interval{out.from - begin, out.to - begin};
  }
  if (const auto* slice = ov::as_type<const ov::op::v8::Slice>(&node)) {
    const auto begin = begin_of_slice(*slice, axis);
    return begin ? std::optional(Interval{out.from + *begin, out.to + *begin}) : std::nullopt;
  }
  if (const auto* fold = ov::as_type<const ov::op::v0::SpaceToDepth>(&node)) {
    const auto block = static_cast<std::int64_t>(fold->get_block_size());
    return Interval{out.from * block, out.to * block + block - 1};
  }
  if (const auto* unfold = ov::as_type<const ov::op::v0::DepthToSpace>(&node)) {
    const auto block = static_cast<std::int64_t>(unfold->get_block_size());
    return Interval{floor_divide(out.from, block), floor_divide(out.to, block)};
  }
  if (ov::is_type<ov::op::util::InterpolateBase>(&node)) {
    const double ratio = static_cast<double>(side_of(node.get_input_shape(0), axis)) /
                         static_cast<double>(side_of(node.get_output_shape(0), axis));
    return Interval{
        static_cast<std::int64_t>(std::floor(static_cast<double>(out.from) * ratio)) - 1,
        static_cast<std::int64_t>(std::ceil(static_cast<double>(out.to) * ratio)) + 1};
  }
  return works_place_by_place(node) ? std::optional(out) : std::nullopt;
}

/// What is read of the picture to paint one place of it.
std::optional<Interval> read_for(const std::shared_ptr<ov::Model>& net, std::int64_t place,
                                 std::size_t axis) {
  std::map<const ov::Node*, Interval> wanted;
  wanted[net->get_results().front().get()] = {place, place};
  auto nodes = net->get_ordered_ops();
  std::reverse(nodes.begin(), nodes.end());
  for (const auto& node : nodes) {
    const auto found = wanted.find(node.get());
    if (found == wanted.end() || ov::is_type<ov::op::v0::Parameter>(node) ||
        ov::is_type<ov::op::v0::Constant>(node)) {
      continue;
    }
    const auto read = read_by(*node, found->second, axis);
    if (!read) {
      return std::nullopt;
    }
    for (const auto& input : node->inputs()) {
      // What is no picture (weights, paddings, scales) has no places.
      if (input.get_partial_shape().rank() != 4 || values_of(input.get_source_output())) {
        continue;
      }
      const auto [place_of, is_new] =
          wanted.try_emplace(input.get_source_output().get_node(), *read);
      Interval& all = place_of->second;
      all = {std::min(all.from, read->from), std::max(all.to, read->to)};
    }
  }
  const auto found = wanted.find(net->get_parameters().front().get());
  return found != wanted.end() ? std::optional(found->second) : std::nullopt;
}

}  // namespace

std::optional<int> reach_of(const std::shared_ptr<ov::Model>& net) {
  constexpr std::int64_t kPeriod = 16;  // by then every net paints its places alike
  std::int64_t reach = 0;
  for (const std::size_t axis : {std::size_t{2}, std::size_t{3}}) {
    const auto size = static_cast<std::int64_t>(side_of(net->input(0).get_shape(), axis));
    for (std::int64_t place = size / 2; place < size / 2 + kPeriod; ++place) {
      const auto read = read_for(net, place, axis);
      if (!read) {
        return std::nullopt;
      }
      reach = std::max({reach, place - read->from, read->to - place});
    }
  }
  return static_cast<int>(reach);
}

}  // namespace impasto::engine::passes
