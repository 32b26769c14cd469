#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace impasto::engine {

/// A dense float32 tensor in NCHW order.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Runs an arbitrary one-output ONNX net in plain float32: the oracle that importers and tests
/// compare against, and what runs small nets that are not painters. Not fast.
class NetRunner {
 public:
  /// Throws Error(bad_input) with a sentence when the file is no ONNX net, does not have as many
  /// inputs or cannot be compiled.
  explicit NetRunner(const std::filesystem::path& onnx_file, std::size_t inputs = 1);
  ~NetRunner();

  /// Runs the net on an input of any shape it takes.
  /// Throws Error(bad_input) when the net refuses the shape.
  Tensor run(const Tensor& input);
  /// The same for several inputs, in the net's order.
  Tensor run(const std::vector<Tensor>& inputs);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto::engine
