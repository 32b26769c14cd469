#include "engine/openvino/net.h"

#include <fmt/format.h>

#include <map>
#include <openvino/frontend/manager.hpp>
#include <sstream>

#include "base/error.h"

namespace impasto::engine::openvino {
namespace {

bool has(const ov::Output<const ov::Node>& port) { return port.get_node() != nullptr; }

std::size_t length_of(const ov::Output<const ov::Node>& code) {
  const ov::PartialShape& shape = code.get_partial_shape();
  const bool known = shape.rank() == 2 && shape[1].is_static();
  return known ? static_cast<std::size_t>(shape[1].get_length()) : 0;
}

/// Throws Error(bad_input) for a net that is neither a style nor a base painter.
Inputs checked_inputs(const std::shared_ptr<const ov::Model>& net,
                      const std::filesystem::path& onnx_file) {
  Inputs inputs = inputs_of(net->inputs());
  const auto is_float = [](const auto& port) {
    return port.get_element_type() == ov::element::f32;
  };
  const bool good_code = !has(inputs.code) || (is_float(inputs.code) && length_of(inputs.code) > 0);
  if (!has(inputs.picture) || !is_float(inputs.picture) || !good_code ||
      net->outputs().size() != 1 || !is_float(net->output())) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is not a style net: it must take one float32 picture and give one",
                            onnx_file.string()));
  }
  return inputs;
}

}  // namespace

std::string reason(const std::exception& failure) {
  std::istringstream lines(failure.what());
  std::string sentence;
  for (std::string line; std::getline(lines, line);) {
    const bool is_place = line.starts_with("Exception from ") || line.starts_with("Check '") ||
                          line.starts_with("FrontEnd API failed");
    if (line.empty() || is_place) {
      continue;
    }
    sentence += (sentence.empty() ? "" : " ") + line;
  }
  constexpr std::size_t kLongest = 300;
  if (sentence.size() > kLongest) {
    sentence = sentence.substr(0, kLongest) + " ...";
  }
  while (!sentence.empty() && (sentence.back() == '.' || sentence.back() == ' ')) {
    sentence.pop_back();
  }
  return sentence.empty() ? "no reason given" : sentence;
}

std::shared_ptr<ov::Model> read_net(const std::filesystem::path& onnx_file) {
  try {
    // The loaded net keeps the front end's library in memory; the manager may go.
    ov::frontend::FrontEndManager manager;
    const auto reader = manager.load_by_framework("onnx");
    return reader->convert(reader->load(onnx_file.string()));
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input, fmt::format("{} cannot be read as an ONNX net: {}",
                                                 onnx_file.string(), reason(failure)));
  }
}

Inputs inputs_of(const std::vector<ov::Output<const ov::Node>>& ports) {
  const auto is_code = [](const auto& port) { return port.get_names().count(kCode) > 0; };
  if (ports.size() == 2 && is_code(ports[0]) != is_code(ports[1])) {
    return is_code(ports[1]) ? Inputs{ports[0], ports[1]} : Inputs{ports[1], ports[0]};
  }
  return {ports.size() == 1 ? ports[0] : ov::Output<const ov::Node>(), {}};
}

std::size_t code_length(const Inputs& inputs) {
  return has(inputs.code) ? length_of(inputs.code) : 0;
}

ov::Shape shape_of(Size canvas) {
  return {1, 3, static_cast<std::size_t>(canvas.height), static_cast<std::size_t>(canvas.width)};
}

std::shared_ptr<ov::Model> read_for_canvas(const std::filesystem::path& onnx_file, Size canvas) {
  auto net = read_net(onnx_file);
  const Inputs inputs = checked_inputs(net, onnx_file);
  try {
    std::map<ov::Output<ov::Node>, ov::PartialShape> wanted;
    for (const ov::Output<ov::Node>& port : net->inputs()) {
      const bool is_code = has(inputs.code) && port.get_node() == inputs.code.get_node();
      wanted[port] =
          is_code ? ov::PartialShape(ov::Shape{1, code_length(inputs)}) : shape_of(canvas);
    }
    net->reshape(wanted);
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} does not take pictures of {}: {}", onnx_file.string(),
                            to_string(canvas), reason(failure)));
  }
  if (net->output().get_partial_shape() != ov::PartialShape(shape_of(canvas))) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is not size-free: for a picture of shape {} it gives {}",
                            onnx_file.string(), ov::PartialShape(shape_of(canvas)).to_string(),
                            net->output().get_partial_shape().to_string()));
  }
  return net;
}

}  // namespace impasto::engine::openvino
