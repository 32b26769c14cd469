#include "engine/openvino/streams.h"

#include <algorithm>
#include <openvino/runtime/properties.hpp>

#include "base/processors.h"

namespace impasto::engine::openvino {

Split split_threads(int wanted) {
  Split split;
  split.threads = wanted > 0 ? wanted : usable_processors();
  constexpr int kFew = 6;
  split.streams = std::max(std::min(split.threads, kFew), split.threads / 4);
  const auto idle = [&] { return split.threads % split.streams; };
  while (idle() * 7 > split.threads) {  // one stream leaves none idle, so this ends
    --split.streams;
  }
  return split;
}

ov::AnyMap compile_options(const DeviceChoice& device, const Split& split) {
  ov::AnyMap options{ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT),
                     ov::hint::inference_precision(device.precision)};
  if (device.name == "CPU") {
    options.emplace(ov::num_streams(split.streams));
    options.emplace(ov::inference_num_threads(split.threads));
  }
  return options;
}

}  // namespace impasto::engine::openvino
