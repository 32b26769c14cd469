#pragma once

#include <onnx/onnx_pb.h>

#include <memory>
#include <string>

#include "engine/net_runner.h"
#include "graph/onnx_file.h"

namespace impasto::style {

/// A net in memory that can be run in plain float32, to see what it does.
class Probe {
 public:
  /// Throws Error(bad_input) when the net cannot be compiled.
  explicit Probe(const onnx::ModelProto& model);

  /// Throws Error(bad_input) when the net refuses the shape.
  engine::Tensor run(const engine::Tensor& input) { return runner_->run(input); }

 private:
  std::unique_ptr<engine::NetRunner> runner_;
};

/// A made picture [1,3,H,W] in 0..1 with areas, edges, slopes and grain, as photographs have them.
engine::Tensor probe_picture(std::int64_t height, std::int64_t width);

/// A tensor of noise whose channels differ in mean, `scale` its spread.
engine::Tensor probe_noise(const graph::Shape& shape, float scale, unsigned seed);

}  // namespace impasto::style
