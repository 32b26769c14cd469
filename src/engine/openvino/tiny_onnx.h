#pragma once

// Writes small ONNX files for the tests of this folder, byte by byte: ONNX is a protobuf message,
// and a backend needs no more of protobuf than this.

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace impasto::engine::openvino::test {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) {
    bytes += static_cast<char>(0x80 | (value & 0x7F));
  }
  return bytes + static_cast<char>(value);
}

inline std::string number(int field, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(static_cast<std::uint64_t>(value));
}

inline std::string block(int field, const std::string& content) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(content.size()) + content;
}

/// A float tensor port; -1 leaves a dimension open.
inline std::string port(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::string dimensions;
  for (const std::int64_t size : shape) {
    dimensions +=
        block(1, size < 0 ? block(2, "D" + std::to_string(dimensions.size())) : number(1, size));
  }
  return block(1, name) + block(2, block(1, number(1, 1) + block(2, dimensions)));
}

inline std::string node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::string& output) {
  std::string bytes;
  for (const auto& input : inputs) {
    bytes += block(1, input);
  }
  return bytes + block(2, output) + block(4, op);
}

/// A float weight: one value for all, or a row of them.
inline std::string weight(const std::string& name, const std::vector<float>& values) {
  std::string raw(values.size() * sizeof(float), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  const auto size = static_cast<std::int64_t>(values.size());
  return (size > 1 ? number(1, size) : "") + number(2, 1) + block(8, name) + block(9, raw);
}

/// A net that gives scale * image + offsets; several offsets are those of the columns, which hold
/// it to pictures of that width.
inline std::string scaling_net(float scale, const std::vector<float>& offsets,
                               const std::vector<std::int64_t>& shape = {-1, 3, -1, -1}) {
  const std::string graph = block(1, node("Mul", {"image", "scale"}, "scaled")) +
                            block(1, node("Add", {"scaled", "offset"}, "painted")) +
                            block(2, "tiny") + block(5, weight("scale", {scale})) +
                            block(5, weight("offset", offsets)) + block(11, port("image", shape)) +
                            block(12, port("painted", shape));
  const std::string opset = number(2, 13);
  return number(1, 7) + block(7, graph) + block(8, opset);
}

/// A folder of its own for a test, gone at its end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "impasto-engine-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file into it and returns where it lies.
  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace impasto::engine::openvino::test
