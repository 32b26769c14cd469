#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "network/code.h"
#include "network/network_file.h"

namespace impasto::network {

/// One 3×3 convolution of the reader, with zero padding; a ReLU follows.
struct ReaderLayer {
  const char* name;
  std::int64_t inputs;
  std::int64_t outputs;
  std::int64_t stride;
};

/// The network that reads a painting's code: convolutions in a chain; the mean and the standard
/// deviation of each channel of each layer, over the whole painting; three linear layers.
inline constexpr std::array<ReaderLayer, 7> kReaderLayers{{
    {"a", 3, 24, 1},
    {"b", 24, 48, 2},
    {"c", 48, 64, 1},
    {"d", 64, 96, 2},
    {"e", 96, 128, 1},
    {"f", 128, 128, 2},
    {"g", 128, 128, 1},
}};
inline constexpr std::int64_t kReaderHidden = 256;

/// Numbers that the convolutions tell of a painting.
constexpr std::int64_t reader_statistics() {
  std::int64_t sum = 0;
  for (const ReaderLayer& layer : kReaderLayers) {
    sum += 2 * layer.outputs;
  }
  return sum;
}

/// The ONNX file of a reader: input `painting` [1,3,H,W] RGB 0..1, output `code` [1,2688]. Weights
/// by name: "a.weight" [O,I,3,3], "a.bias" …, "first.weight" [256, statistics], "first.bias",
/// "second" [256,256], "third" [2688,256]. Throws Error(bug) when one is missing.
std::string write_reader(const Weights& weights, const Metadata& metadata);

/// The weights in the bytes of a reader. `file` is for the sentences only.
/// Throws Error(bad_input) when it is none.
Weights read_reader(std::string_view bytes, const std::string& file);

}  // namespace impasto::network
