#include "job/machine.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>

#include "base/processors.h"

namespace impasto::job {
namespace {

struct Feature {
  const char* name;
  std::array<std::string_view, 2> flags;  ///< Either one of the kernel's words for it.
};

constexpr std::array<Feature, 5> kFeatures = {{{"AVX2", {"avx2", "avx2"}},
                                               {"AVX-512", {"avx512f", "avx512f"}},
                                               {"VNNI", {"avx512_vnni", "avx_vnni"}},
                                               {"BF16", {"avx512_bf16", "amx_bf16"}},
                                               {"AMX", {"amx_tile", "amx_tile"}}}};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What stands behind `key` and a colon in the first line that starts with the key.
std::string field(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (line.starts_with(key) && colon != std::string::npos) {
      const std::size_t start = line.find_first_not_of(" \t", colon + 1);
      return start == std::string::npos ? "" : line.substr(start);
    }
  }
  return {};
}

std::optional<std::uint64_t> number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? std::optional(number) : std::nullopt;  // "max" is no number
}

/// Processors that a container's time quota comes to, rounded up.
}  // namespace

bool Processor::has(const std::string& feature) const {
  return std::any_of(features.begin(), features.end(),
                     [&](const auto& one) { return one.first == feature && one.second; });
}

Processor parse_processor(const std::string& cpuinfo) {
  Processor result;
  result.name = field(cpuinfo, "model name");
  if (result.name.empty()) {
    result.name = "unknown";
  }
  std::istringstream words(field(cpuinfo, "flags"));
  const std::set<std::string> flags{std::istream_iterator<std::string>(words), {}};
  for (const Feature& feature : kFeatures) {
    const bool present =
        std::any_of(feature.flags.begin(), feature.flags.end(),
                    [&](std::string_view flag) { return flags.count(std::string(flag)) > 0; });
    result.features.emplace_back(feature.name, present);
  }
  return result;
}

Processor processor() {
  Processor result = parse_processor(read_text("/proc/cpuinfo"));
  result.present = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  result.usable = usable_processors();
  result.present = std::max(result.present, result.usable);
  return result;
}

Memory memory() {
  const std::string text = read_text("/proc/meminfo");
  const auto bytes = [&](const char* key) {
    constexpr std::uint64_t kKibibyte = 1024;
    return std::strtoull(field(text, key).c_str(), nullptr, 10) * kKibibyte;
  };
  Memory result{bytes("MemTotal"), bytes("MemAvailable")};
  if (const auto limit = number_in("/sys/fs/cgroup/memory.max"); limit && *limit < result.total) {
    const std::uint64_t used = number_in("/sys/fs/cgroup/memory.current").value_or(0);
    result.total = *limit;
    result.available = std::min(result.available, *limit - std::min(*limit, used));
  }
  return result;
}

std::uint64_t peak_memory() {
  constexpr std::uint64_t kKibibyte = 1024;
  return std::strtoull(field(read_text("/proc/self/status"), "VmHWM").c_str(), nullptr, 10) *
         kKibibyte;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

bool has_intel_graphics() {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::directory_iterator card("/sys/class/drm", error), end; !error && card != end;
       card.increment(error)) {
    if (read_text(card->path() / "device/vendor").starts_with("0x8086")) {
      return true;
    }
  }
  return false;
}

}  // namespace impasto::job
