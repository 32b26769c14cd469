#include "job/doctor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "store/store.h"

namespace impasto::job {
namespace {

constexpr double kGigabyte = 1e9;
constexpr double kLittleMemory = 1.5 * kGigabyte;  // what 1080p is promised to stay under
constexpr double kLittleDisk = 2 * kGigabyte;

void check_processor(const Facts& facts, std::vector<std::string>& missing) {
  if (!facts.processor.has("AVX2")) {
    missing.emplace_back(
        "The processor has no AVX2, so painting will be very slow; use a machine with a newer "
        "processor.");
  } else if (!facts.processor.has("BF16")) {
    missing.emplace_back(
        "The processor does not compute in bf16, so it paints in float32, which takes about twice "
        "the time; newer ones (Intel since Cooper Lake and Sapphire Rapids, AMD since Zen 4) do.");
  }
  if (facts.processor.usable < facts.processor.present) {
    missing.push_back(fmt::format(
        "Only {} of {} processors may be used here; a container's limit or taskset holds the "
        "others back.",
        facts.processor.usable, facts.processor.present));
  }
}

void check_devices(const Facts& facts, std::vector<std::string>& missing) {
  const bool gpu =
      std::any_of(facts.devices.begin(), facts.devices.end(),
                  [](const engine::Device& device) { return device.name.starts_with("gpu"); });
  if (facts.intel_graphics && !gpu) {
    missing.emplace_back(
        "There is Intel graphics here but no driver to compute on it; install Debian's "
        "intel-opencl-icd and give your user the group 'render' to paint with --device gpu.");
  }
}

}  // namespace

Facts look_around(const std::filesystem::path& cache_folder) {
  Facts facts;
  facts.processor = processor();
  facts.memory = memory();
  facts.intel_graphics = has_intel_graphics();
  facts.devices = engine::devices();
  facts.codecs = media::describe_codecs();
  std::vector<std::filesystem::path> places{std::filesystem::current_path()};
  if (!cache_folder.empty()) {
    places.push_back(cache_folder);
  }
  for (const std::filesystem::path& place : places) {
    facts.disks.push_back({place, store::for_uri(place.string()).free_space(place.string())});
  }
  return facts;
}

std::vector<std::string> what_is_missing(const Facts& facts) {
  std::vector<std::string> missing;
  check_processor(facts, missing);
  check_devices(facts, missing);
  if (static_cast<double>(facts.memory.available) < kLittleMemory) {
    missing.push_back(fmt::format(
        "Only {:.1f} GB of memory is free; 1080p takes up to {:.1f} GB, so close other programs or "
        "paint with a smaller --size.",
        static_cast<double>(facts.memory.available) / kGigabyte, kLittleMemory / kGigabyte));
  }
  for (const DiskSpace& disk : facts.disks) {
    if (static_cast<double>(disk.free) < kLittleDisk) {
      missing.push_back(fmt::format("Only {:.1f} GB is free on the disk of {}; make room there.",
                                    static_cast<double>(disk.free) / kGigabyte,
                                    disk.place.string()));
    }
  }
  for (const media::CodecInfo& codec : facts.codecs) {
    if (codec.encoder.empty()) {
      missing.push_back(fmt::format(
          "The media libraries here cannot encode {}; choose another --codec, or install "
          "libavcodec with it (Debian's libavcodec59 has it).",
          codec.name));
    }
  }
  return missing;
}

}  // namespace impasto::job
