#include "style/import.h"

#include <fmt/format.h>
#include <onnx/checker.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "base/error.h"
#include "graph/graph.h"
#include "graph/onnx_file.h"
#include "store/store.h"
#include "style/free_shapes.h"
#include "style/keep.h"
#include "style/modernise.h"
#include "style/probe.h"
#include "style/rewrite_norm.h"
#include "style/rewrite_resample.h"
#include "style/value_range.h"

namespace impasto::style {
namespace {

constexpr std::int64_t kUsualHeight = 128;  // for nets that take any size
constexpr std::int64_t kUsualWidth = 160;
constexpr double kLargestDifference = 1e-3;

/// The size that a net is tried out at: its own, or a usual one where it is open.
graph::Shape own_shape(const graph::Ports& ports) {
  return {1, 3, ports.input_shape[2] > 0 ? ports.input_shape[2] : kUsualHeight,
          ports.input_shape[3] > 0 ? ports.input_shape[3] : kUsualWidth};
}

/// The net as it came, with its open dimensions set to the size that it is tried out at.
Probe make_oracle(onnx::ModelProto model, const graph::Ports& ports, const graph::Shape& shape) {
  for (auto& input : *model.mutable_graph()->mutable_input()) {
    if (input.name() == ports.input) {
      graph::set_shape(input, shape);
    }
  }
  model.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  return Probe(model);
}

void rewrite(onnx::ModelProto& model, const graph::Shape& shape, std::vector<std::string>& notes) {
  const graph::Shapes shapes = graph::infer_shapes(model, shape);
  if (const int norms = rewrite_norms(model, shapes); norms > 0) {
    notes.push_back(
        fmt::format("{} instance norms spelt out in other operators are one operator each", norms));
  }
  const Resampled moves = rewrite_resampling(model, shapes);
  if (moves.upsamplings > 0) {
    notes.push_back(fmt::format("{} nearest upsamplings spelt out in fixed reshapes are Resize",
                                moves.upsamplings));
  }
  if (moves.pixel_shuffles > 0) {
    notes.push_back(
        fmt::format("{} pixel shuffles spelt out in fixed reshapes are one operator each",
                    moves.pixel_shuffles));
  }
  if (moves.idle > 0) {
    notes.push_back(fmt::format("{} fixed reshapes that change nothing are gone", moves.idle));
  }
  free_operators(model, shapes, notes);
}

/// What the options say; where they are silent, what the net says of itself.
void describe(onnx::ModelProto& model, const ImportOptions& options) {
  graph::set_metadata(model, "name", options.name);
  const auto say = [&](const char* key, const std::string& given) {
    if (!given.empty()) {
      graph::set_metadata(model, key, given);
    }
  };
  say("title", options.title);
  say("painting", options.painting);
  say("licence", options.licence);
  say("author", options.author);
  if (graph::metadata(model, "title").empty()) {
    graph::set_metadata(model, "title", options.name);
  }
}

/// Largest difference between what the original and the rewritten net paint, in 0..1; by the
/// largest value where the net paints beyond that.
double compare(Probe& oracle, const onnx::ModelProto& model, const ValueRange& range,
               const graph::Shape& shape) {
  const engine::Tensor picture = probe_picture(shape[2], shape[3]);
  const engine::Tensor expected = to_picture(range, oracle.run(to_net(range, picture)));
  const engine::Tensor painted = Probe(model).run(picture);
  if (painted.shape != expected.shape) {
    return INFINITY;
  }
  double largest = 0;
  double span = 1;
  for (std::size_t index = 0; index < painted.values.size(); ++index) {
    span = std::max(span, static_cast<double>(std::abs(expected.values[index])));
    const double difference = std::abs(painted.values[index] - expected.values[index]);
    largest = difference <= largest ? largest : difference;  // takes over what is not a number, too
  }
  return largest / span;
}

/// Does the net paint two pictures at once? Then N stays open; otherwise it is 1.
void settle_batch(onnx::ModelProto& model) {
  const graph::Shape two{2, 3, kUsualHeight, kUsualWidth};
  try {
    if (Probe(model).run(probe_noise(two, 1.0F, 1)).shape == two) {
      return;
    }
  } catch (const Error&) {
    // said below
  }
  graph::set_shape(*model.mutable_graph()->mutable_input(0), {1, 3, -1, -1});
  graph::set_shape(*model.mutable_graph()->mutable_output(0), {1, 3, -1, -1});
}

void check_rewritten(const onnx::ModelProto& model, const std::string& file,
                     const graph::Shape& own, double difference) {
  if (!(difference <= kLargestDifference)) {
    throw Error(
        ExitCode::bad_input,
        fmt::format("{} could not be rewritten: the result paints otherwise than the original "
                    "(by up to {:.4f} of the range at {}x{})",
                    file, difference, own[3], own[2]));
  }
  try {
    onnx::checker::check_model(model);
  } catch (const std::exception& failure) {
    throw Error(
        ExitCode::bad_input,
        fmt::format("{} could not be rewritten into a sound ONNX net: {}", file, failure.what()));
  }
}

}  // namespace

ImportResult import(const std::filesystem::path& net, const std::filesystem::path& folder,
                    const ImportOptions& options) {
  const std::filesystem::path target = place_for(folder, options.name, options.overwrite);
  const std::string file = net.string();
  const onnx::ModelProto original = graph::parse_onnx(store::read_all(file), file);
  const graph::Ports ports = graph::picture_ports(original, file);
  const graph::Shape own = own_shape(ports);

  ImportResult result;
  onnx::ModelProto model = original;
  modernise(model, file, result.notes);
  rewrite(model, own, result.notes);
  open_ports(model);
  check_size_free(model, file, 200, 304);
  check_size_free(model, file, 72, 112);

  Probe oracle = make_oracle(original, ports, own);
  const std::string last = graph::GraphIndex(model.graph()).producer(ports.output)->op_type();
  const ValueRange range = options.range == "auto"
                               ? detect_range(oracle, last, probe_picture(own[2], own[3]))
                               : named_range(options.range);
  result.notes.push_back(fmt::format("values taken in {} and given in {}{}", range.takes,
                                     range.gives,
                                     options.range == "auto" ? ", as trying it out showed" : ""));
  build_in(model, range);
  settle_batch(model);
  describe(model, options);
  result.largest_difference = compare(oracle, model, range, own);
  check_rewritten(model, file, own, result.largest_difference);

  store::write_all(target, model.SerializeAsString(), options.overwrite);
  result.style = find(target);
  return result;
}

}  // namespace impasto::style
