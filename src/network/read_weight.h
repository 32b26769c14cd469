#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <string>
#include <vector>

namespace impasto::network {

/// Throws Error(bad_input): the file is no network of Impasto's own, and why.
[[noreturn]] void refuse(const std::string& file, const std::string& why);

/// The weight called `name`, kept in 16 bits or not, with as many values as it must have. `file` is
/// for the sentences only. Throws Error(bad_input) where it is missing, of another size or damaged.
std::vector<float> read_weight(const onnx::GraphProto& net, const std::string& name,
                               std::size_t size, const std::string& file);

}  // namespace impasto::network
