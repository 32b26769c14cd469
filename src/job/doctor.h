#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/painter.h"
#include "job/machine.h"
#include "job/speed.h"
#include "media/encoder.h"

namespace impasto::job {

/// A place on a disk and how much may still be written there.
struct DiskSpace {
  std::filesystem::path place;
  std::uint64_t free = 0;  ///< Bytes.
};

/// What a machine has for painting.
struct Facts {
  Processor processor;
  Memory memory;
  bool intel_graphics = false;
  std::vector<engine::Device> devices;
  std::vector<media::CodecInfo> codecs;
  std::vector<DiskSpace> disks;  ///< The current folder's and the cache's.
};

/// Looks around; quick. `cache_folder` may be empty: none is kept.
Facts look_around(const std::filesystem::path& cache_folder);

/// What is missing or short, a sentence each that also says what to do. Empty: all is well.
std::vector<std::string> what_is_missing(const Facts& facts);

}  // namespace impasto::job
