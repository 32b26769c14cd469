#include "base/processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>

namespace impasto {
namespace {

std::optional<int> quota_processors() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  if (file >> quota >> period && period > 0) {
    return static_cast<int>(std::ceil(quota / period));
  }
  return std::nullopt;
}

}  // namespace

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Where there are more processors than the mask holds, the library's count is right.
  int usable = sched_getaffinity(0, sizeof(set), &set) == 0
                   ? CPU_COUNT(&set)
                   : static_cast<int>(std::thread::hardware_concurrency());
  if (const auto quota = quota_processors()) {
    usable = std::min(usable, *quota);
  }
  return std::max(1, usable);
}

std::uint64_t processors_fingerprint() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) {
    return 0;
  }
  const std::string_view bits(reinterpret_cast<const char*>(&set), sizeof(set));
  return std::hash<std::string_view>()(bits);
}

}  // namespace impasto
