#include "learn/compute.h"

#include <fmt/format.h>
#include <torch/cuda.h>

#include "base/error.h"

namespace impasto::learn {
namespace {

bool cpu_multiplies_in_bfloat16() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace

Compute compute_on(const std::string& device) {
  if (device == "cpu") {
    return {torch::kCPU, cpu_multiplies_in_bfloat16() ? torch::kBFloat16 : torch::kFloat};
  }
  if (device != "cuda") {
    throw Error(ExitCode::usage, fmt::format("'{}' is no device; give cpu or cuda", device));
  }
  if (!torch::cuda::is_available()) {
    throw Error(ExitCode::unavailable,
                "there is no CUDA device here, or this libtorch was built without CUDA; leave "
                "--device out to learn on the CPU");
  }
  return {torch::kCUDA, torch::kBFloat16};
}

}  // namespace impasto::learn
