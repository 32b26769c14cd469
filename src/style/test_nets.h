#pragma once

// Small nets for the tests of this folder, written as text.

#include <gtest/gtest.h>
#include <onnx/defs/parser.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace impasto::style::test {

/// A folder of its own for a test, gone at its end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "impasto-style-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A net out of ONNX's own text form, with weights to be added by `weigh`.
inline onnx::ModelProto net(int opset, const std::string& ports, const std::string& nodes) {
  onnx::ModelProto model;
  const std::string text = "<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) +
                           "]>\nnet " + ports + "\n{\n" + nodes + "\n}\n";
  const auto status = onnx::OnnxParser::Parse(model, text.c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  return model;
}

inline void weigh(onnx::ModelProto& model, const std::string& name, const graph::Shape& shape,
                  const std::vector<float>& values) {
  graph::add_weight(*model.mutable_graph(), "weight", shape, values);
  model.mutable_graph()->mutable_initializer()->rbegin()->set_name(name);
}

inline void weigh(onnx::ModelProto& model, const std::string& name,
                  const std::vector<std::int64_t>& values) {
  graph::add_weight(*model.mutable_graph(), "weight", values);
  model.mutable_graph()->mutable_initializer()->rbegin()->set_name(name);
}

/// Random weights of a convolution that keeps the size of its values about the same.
inline void weigh_convolution(onnx::ModelProto& model, const std::string& name,
                              const graph::Shape& shape) {
  std::minstd_rand random(static_cast<unsigned>(name.back()));
  const auto fan = static_cast<float>(shape[1] * shape[2] * shape[3]);
  std::normal_distribution<float> normal(0, 1 / std::sqrt(fan));
  std::vector<float> values(static_cast<std::size_t>(shape[0]) * static_cast<std::size_t>(fan));
  for (float& value : values) {
    value = normal(random);
  }
  weigh(model, name, shape, values);
}

/// How many operators of a kind a net has.
inline int count(const onnx::ModelProto& model, const std::string& op) {
  int found = 0;
  for (const auto& node : model.graph().node()) {
    found += node.op_type() == op ? 1 : 0;
  }
  return found;
}

inline void write(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

inline void write(const std::filesystem::path& file, const onnx::ModelProto& model) {
  write(file, model.SerializeAsString());
}

inline onnx::ModelProto load(const std::filesystem::path& file) {
  onnx::ModelProto model;
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(model.ParseFromIstream(&stream));
  return model;
}

}  // namespace impasto::style::test
