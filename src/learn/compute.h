#pragma once

#include <torch/types.h>

#include <string>

namespace impasto::learn {

/// What a program that learns does before anything else: memory that was used once is kept,
/// numbers too small to matter are 0, and there are as many threads as processors to use.
void prepare_process();

/// Where a training computes, and in what its convolutions do.
struct Compute {
  torch::Device device;
  torch::Dtype type;  ///< bfloat16 where the device multiplies in it, else float32.
};

/// What `--device` asks for: "cpu" or "cuda". Throws Error(usage) for another name,
/// Error(unavailable) when there is no CUDA device or libtorch was built without it.
Compute compute_on(const std::string& device);

}  // namespace impasto::learn
