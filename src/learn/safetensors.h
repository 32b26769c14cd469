#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <string_view>

namespace impasto::learn {

/// What a safetensors file holds: tensors (F32 and U8) by name, and texts.
struct SafeTensors {
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads the bytes of a file called `file` (for the sentence only).
/// Throws Error(bad_input) when they are no such file or end early.
SafeTensors read_safetensors(std::string_view bytes, const std::string& file);

/// The bytes of a file that holds these; float tensors are written as float32.
std::string write_safetensors(const SafeTensors& content);

}  // namespace impasto::learn
