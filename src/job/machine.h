#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace impasto::job {

/// What there is to compute with.
struct Processor {
  std::string name;  ///< The maker's: "Intel(R) Xeon(R) ...".
  int usable = 1;    ///< Processors that this process may use (affinity, container limits).
  int present = 1;
  /// What speeds painting up, by name ("AVX2", "AMX", ...), and whether it is there.
  std::vector<std::pair<std::string, bool>> features;

  [[nodiscard]] bool has(const std::string& feature) const;
};

/// Bytes of main memory, within a container's limit where there is one.
struct Memory {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
};

/// Reads what the system says of its processor; unknown features count as absent.
Processor processor();
/// The same from the text of a /proc/cpuinfo.
Processor parse_processor(const std::string& cpuinfo);

Memory memory();

/// The most memory that this process has held at once, in bytes. Unlike getrusage() it does not
/// count what its parent held when it was started.
std::uint64_t peak_memory();

/// What this machine is called.
std::string host_name();

/// Whether an Intel graphics chip is built in, driver or not.
bool has_intel_graphics();

}  // namespace impasto::job
