#include "engine/net_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>

#include "base/error.h"
#include "engine/openvino/net.h"

namespace impasto::engine {

struct NetRunner::Impl {
  std::filesystem::path file;
  ov::Core core;
  ov::InferRequest request;
};

namespace {

bool all_float(const ov::OutputVector& ports) {
  return std::all_of(ports.begin(), ports.end(),
                     [](const auto& port) { return port.get_element_type() == ov::element::f32; });
}

std::string shapes_of(const std::vector<Tensor>& tensors) {
  std::string shapes;
  for (const Tensor& tensor : tensors) {
    shapes += (shapes.empty() ? "" : ", ") +
              ov::Shape(tensor.shape.begin(), tensor.shape.end()).to_string();
  }
  return shapes;
}

}  // namespace

NetRunner::NetRunner(const std::filesystem::path& onnx_file, std::size_t inputs)
    : impl_(std::make_unique<Impl>()) {
  impl_->file = onnx_file;
  const auto net = openvino::read_net(onnx_file);
  if (net->inputs().size() != inputs || net->outputs().size() != 1) {
    throw Error(
        ExitCode::bad_input,
        fmt::format("{} has {} inputs and {} outputs; a net with {} and 1 is needed",
                    onnx_file.string(), net->inputs().size(), net->outputs().size(), inputs));
  }
  if (!all_float(net->inputs()) || !all_float(net->outputs())) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} takes or gives other numbers than float32", onnx_file.string()));
  }
  try {
    impl_->request =
        impl_->core.compile_model(net, "CPU", ov::hint::inference_precision(ov::element::f32))
            .create_infer_request();
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input, fmt::format("{} cannot be compiled: {}", onnx_file.string(),
                                                 openvino::reason(failure)));
  }
}

NetRunner::~NetRunner() = default;

Tensor NetRunner::run(const Tensor& input) { return run(std::vector<Tensor>{input}); }

Tensor NetRunner::run(const std::vector<Tensor>& inputs) {
  try {
    for (std::size_t index = 0; index < inputs.size(); ++index) {
      const Tensor& input = inputs[index];
      const ov::Shape shape(input.shape.begin(), input.shape.end());
      if (ov::shape_size(shape) != input.values.size()) {
        throw Error(ExitCode::bug,
                    fmt::format("a tensor for {} has {} values but its shape holds {}",
                                impl_->file.string(), input.values.size(), ov::shape_size(shape)));
      }
      ov::Tensor in(ov::element::f32, shape);
      std::copy(input.values.begin(), input.values.end(), in.data<float>());
      impl_->request.set_input_tensor(index, in);
    }
    impl_->request.infer();
    const ov::Tensor out = impl_->request.get_output_tensor();
    Tensor result;
    const ov::Shape& result_shape = out.get_shape();  // a second call may move it
    result.shape.assign(result_shape.begin(), result_shape.end());
    const auto* first = out.data<const float>();
    result.values.assign(first, first + out.get_size());
    return result;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} does not run on an input of shape {}: {}", impl_->file.string(),
                            shapes_of(inputs), openvino::reason(failure)));
  }
}

}  // namespace impasto::engine
