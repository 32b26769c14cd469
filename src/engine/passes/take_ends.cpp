#include "engine/passes/take_ends.h"

#include <algorithm>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/depth_to_space.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/result.hpp>
#include <openvino/op/sigmoid.hpp>
#include <openvino/op/slice.hpp>
#include <openvino/op/space_to_depth.hpp>
#include <openvino/op/transpose.hpp>
#include <openvino/op/util/pad_base.hpp>

#include "engine/passes/parts.h"

namespace impasto::engine::passes {
namespace {

/// The only reader of an output as a node of a kind; null when it is another.
template <typename Node>
std::shared_ptr<Node> next(const Output& output) {
  const auto reader = only_reader(output);
  return reader && reader->get_index() == 0
             ? ov::as_type_ptr<Node>(reader->get_node()->shared_from_this())
             : nullptr;
}

/// What made an output as a node of a kind.
template <typename Node>
std::shared_ptr<Node> maker(const ov::Input<ov::Node>& input) {
  return ov::as_type_ptr<Node>(input.get_source_output().get_node_shared_ptr());
}

/// The one number that a list of [0, 0, n, n] holds; nothing for other lists.
std::optional<int> margin_of(const Output& output) {
  const auto values = values_of(output);
  const bool good = values && values->size() == 4 && (*values)[0] == 0 && (*values)[1] == 0 &&
                    (*values)[2] == (*values)[3] && (*values)[2] >= 0;
  return good ? std::optional(static_cast<int>((*values)[2])) : std::nullopt;
}

struct Beginning {
  std::shared_ptr<ov::op::v0::SpaceToDepth> fold;
  int margin = 0;
};

/// Picture, rounded to 8 bits → mirror image → folded.
std::optional<Beginning> beginning_of(const std::shared_ptr<ov::Model>& net) {
  using Mode = ov::op::v0::SpaceToDepth::SpaceToDepthMode;
  const auto steps = next<ov::op::v0::FakeQuantize>(net->get_parameters().front()->output(0));
  const auto pad = steps ? next<ov::op::util::PadBase>(steps->output(0)) : nullptr;
  const auto fold = pad ? next<ov::op::v0::SpaceToDepth>(pad->output(0)) : nullptr;
  if (!fold || fold->get_mode() != Mode::BLOCKS_FIRST ||
      pad->get_pad_mode() != ov::op::PadMode::REFLECT) {
    return std::nullopt;
  }
  const auto before = margin_of(pad->input_value(1));
  const auto after = margin_of(pad->input_value(2));
  return before && before == after ? std::optional(Beginning{fold, *before}) : std::nullopt;
}

struct Ending {
  std::shared_ptr<ov::op::v0::DepthToSpace> unfold;
  int cut = 0;
  float gain = 0;
};

/// Unfolded → margin cut off → sigmoid of so many times that.
std::optional<Ending> ending_of(const std::shared_ptr<ov::Model>& net) {
  using Mode = ov::op::v0::DepthToSpace::DepthToSpaceMode;
  const auto sigmoid = maker<ov::op::v0::Sigmoid>(net->get_results().front()->input(0));
  const auto gain = sigmoid ? maker<ov::op::v1::Multiply>(sigmoid->input(0)) : nullptr;
  const auto cut = gain ? maker<ov::op::v8::Slice>(gain->input(0)) : nullptr;
  const auto unfold = cut ? maker<ov::op::v0::DepthToSpace>(cut->input(0)) : nullptr;
  if (!unfold || unfold->get_mode() != Mode::DEPTH_FIRST) {
    return std::nullopt;
  }
  const auto factor = values_of(gain->input_value(1));
  const ov::Shape whole = unfold->get_output_shape(0);
  const ov::Shape left = cut->get_output_shape(0);
  const auto from = values_of(cut->input_value(1));
  const std::size_t margin = (whole[2] - left[2]) / 2;
  const bool even = whole[1] == left[1] && whole[2] == left[2] + 2 * margin &&
                    whole[3] == left[3] + 2 * margin && from && from->size() == 2 &&
                    (*from)[0] == static_cast<float>(margin) && (*from)[1] == (*from)[0];
  if (!factor || factor->size() != 1 || !even) {
    return std::nullopt;
  }
  return Ending{unfold, static_cast<int>(margin), factor->front()};
}

Output transposed(const Output& output, const std::vector<int>& order) {
  const auto places = ov::op::v0::Constant::create(ov::element::i32, {4}, order);
  return std::make_shared<ov::op::v1::Transpose>(output, places)->output(0);
}

/// From channels of (row, column, colour), as SpaceToDepth orders them, to (row, colour, column).
void reorder_inputs(Convolution& convolution, std::size_t block) {
  const std::size_t taps = convolution.taps();
  const std::vector<float> old = convolution.weights;
  for (std::size_t output = 0; output < convolution.outputs(); ++output) {
    const std::size_t first = output * convolution.inputs() * taps;
    for (std::size_t place = 0; place < block * block; ++place) {
      const std::size_t row = place / block;
      const std::size_t column = place % block;
      for (std::size_t colour = 0; colour < 3; ++colour) {
        const std::size_t from = first + (place * 3 + colour) * taps;
        const std::size_t to = first + ((row * 3 + colour) * block + column) * taps;
        std::copy_n(old.begin() + static_cast<std::ptrdiff_t>(from), taps,
                    convolution.weights.begin() + static_cast<std::ptrdiff_t>(to));
      }
    }
  }
}

}  // namespace

std::optional<Ends> take_ends(const std::shared_ptr<ov::Model>& net, ov::element::Type given) {
  const auto beginning = beginning_of(net);
  const auto ending = ending_of(net);
  if (!beginning || !ending ||
      beginning->fold->get_block_size() != ending->unfold->get_block_size()) {
    return std::nullopt;
  }
  const std::size_t block = beginning->fold->get_block_size();
  const auto stem = next<ov::op::v1::Convolution>(beginning->fold->output(0));
  const auto steps = stem ? maker<ov::op::v0::FakeQuantize>(stem->input(1)) : nullptr;
  const auto side = static_cast<int>(block);
  if (!steps || beginning->margin % side != 0 || ending->cut % side != 0) {
    return std::nullopt;
  }
  // The weights stand before the node that says their steps.
  Convolution weights{stem, nullptr, stem->get_input_shape(1), *values_of(steps->input_value(0)),
                      std::vector<float>(channels_of(stem->output(0)))};
  reorder_inputs(weights, block);
  steps->input(0).replace_source_output(constant(weights.shape, weights.weights));

  const ov::Shape folded = beginning->fold->get_output_shape(0);
  const auto picture = std::make_shared<ov::op::v0::Parameter>(
      ov::element::u8, ov::Shape{1, folded[2], folded[3], folded[1]});
  picture->set_friendly_name("blocks");
  const auto wide = std::make_shared<ov::op::v0::Convert>(picture, ov::element::f32);
  const auto scaled =
      std::make_shared<ov::op::v1::Multiply>(wide, constant({1, 1, 1, 1}, {1.0F / 255}));
  stem->input(0).replace_source_output(transposed(scaled->output(0), {0, 3, 1, 2}));
  const Output last = transposed(ending->unfold->input_value(0), {0, 2, 3, 1});
  const auto result =
      std::make_shared<ov::op::v0::Result>(std::make_shared<ov::op::v0::Convert>(last, given));
  net->remove_result(net->get_results().front());
  net->add_results({result});
  net->remove_parameter(net->get_parameters().front());
  net->add_parameters({picture});
  net->validate_nodes_and_infer_types();
  return Ends{side, beginning->margin, ending->cut, ending->gain};
}

}  // namespace impasto::engine::passes
