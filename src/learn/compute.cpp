#include "learn/compute.h"

#include <ATen/Context.h>
#include <fmt/format.h>
#include <malloc.h>
#include <torch/cuda.h>
#include <torch/utils.h>

#include <limits>

#include "base/error.h"
#include "base/processors.h"

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

void prepare_process() {
  // Activations come and go with every step; given back to the system each time, they would cost
  // more than what is computed with them. Threads share them, since glibc gives what threads of
  // their own arenas free back in spite of this.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  at::globalContext().setFlushDenormal(true);
  torch::set_num_threads(usable_processors());
}

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
