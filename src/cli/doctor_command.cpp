#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands.h"
#include "job/doctor.h"
#include "job/paint.h"
#include "job/speed.h"
#include "style/style.h"

namespace impasto::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDefaultStyle = "starry-night";
constexpr std::array<Size, 3> kSizes = {{{1280, 720}, {1920, 1080}, {3840, 2160}}};

std::string gigabytes(std::uint64_t bytes) {
  constexpr double kGigabyte = 1e9;
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) / kGigabyte);
}

std::string codec_line(const std::vector<media::CodecInfo>& codecs, bool still) {
  std::vector<std::string> words;
  for (const media::CodecInfo& codec : codecs) {
    if (codec.still == still) {
      const std::string encoder = codec.encoder.empty() ? "missing" : codec.encoder;
      words.push_back(fmt::format("{} ({})", codec.name, encoder));
    }
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

void print_facts(const job::Facts& facts) {
  const job::Processor& processor = facts.processor;
  fmt::print("Processor  {}, {} of {} usable\n", processor.name, processor.usable,
             processor.present);
  std::vector<std::string> features;
  for (const auto& [name, present] : processor.features) {
    features.push_back(fmt::format("{} {}", name, present ? "yes" : "no"));
  }
  fmt::print("           {}\n", fmt::join(features, ", "));
  for (const engine::Device& device : facts.devices) {
    fmt::print("Device     {}: {}, computes in {}\n", device.name, device.full_name,
               fmt::join(device.precisions, ", "));
  }
  fmt::print("Memory     {} free of {}\n", gigabytes(facts.memory.available),
             gigabytes(facts.memory.total));
  for (const job::DiskSpace& disk : facts.disks) {
    fmt::print("Disk       {} free for {}\n", gigabytes(disk.free), disk.place.string());
  }
  fmt::print("Video      {}\n", codec_line(facts.codecs, false));
  fmt::print("Pictures   {}\n", codec_line(facts.codecs, true));
  std::fflush(stdout);
}

void print_speeds(const std::vector<job::Speed>& speeds) {
  for (const job::Speed& speed : speeds) {
    fmt::print(
        "Speed      {:<9}  network alone {:.1f} frames a second, paint about {:.1f}{}\n",
        to_string(speed.size), speed.network_fps, speed.paint_fps,
        speed.work == speed.size ? "" : fmt::format(" (works at {})", to_string(speed.work)));
  }
  if (!speeds.empty()) {
    const engine::PainterInfo& painter = speeds.front().painter;
    fmt::print(
        "           Measured now with {} in {} on {} threads. \"paint\" adds what colour "
        "conversion,\n"
        "           enlarging and h264 encoding of made frames took here; decoding comes on top.\n",
        kDefaultStyle, painter.precision, painter.threads);
  }
}

Json to_json(const job::Facts& facts) {
  Json features = Json::object();
  for (const auto& [name, present] : facts.processor.features) {
    features[name] = present;
  }
  Json devices = Json::array();
  for (const engine::Device& device : facts.devices) {
    devices.push_back({{"name", device.name},
                       {"full_name", device.full_name},
                       {"precisions", device.precisions}});
  }
  Json disks = Json::array();
  for (const job::DiskSpace& disk : facts.disks) {
    disks.push_back({{"place", disk.place.string()}, {"free_bytes", disk.free}});
  }
  Json codecs = Json::object();
  for (const media::CodecInfo& codec : facts.codecs) {
    codecs[codec.name] = codec.encoder.empty() ? Json(nullptr) : Json(codec.encoder);
  }
  return {{"version", IMPASTO_VERSION},
          {"processor",
           {{"name", facts.processor.name},
            {"usable", facts.processor.usable},
            {"present", facts.processor.present},
            {"features", features}}},
          {"devices", devices},
          {"memory",
           {{"total_bytes", facts.memory.total}, {"available_bytes", facts.memory.available}}},
          {"disks", disks},
          {"codecs", codecs}};
}

Json to_json(const job::Speed& speed) {
  return {{"size", to_string(speed.size)},
          {"style", kDefaultStyle},
          {"device", speed.painter.device},
          {"precision", speed.painter.precision},
          {"threads", speed.painter.threads},
          {"network_fps", speed.network_fps},
          {"worked_at", to_string(speed.work)},
          {"finish_cpu_seconds", speed.finish_seconds},
          {"encode_cpu_seconds", speed.encode_seconds},
          {"paint_fps_estimate", speed.paint_fps}};
}

/// Speeds of some sizes; what stands in the way becomes a sentence in `missing`.
std::vector<job::Speed> measure(std::vector<std::string>& missing) {
  std::vector<job::Speed> speeds;
  try {
    const style::Style style = style::find(kDefaultStyle);
    engine::PainterOptions options;
    options.cache_folder = job::cache_folder();
    for (const Size& size : kSizes) {
      speeds.push_back(job::measure_speed(style.file, size, options));
    }
  } catch (const Error& error) {
    missing.emplace_back(error.what());
  }
  return speeds;
}

void examine(bool json) {
  const job::Facts facts = job::look_around(job::cache_folder());
  std::vector<std::string> missing = job::what_is_missing(facts);
  if (!json) {
    print_facts(facts);
  }
  const std::vector<job::Speed> speeds = measure(missing);
  if (json) {
    Json result = to_json(facts);
    result["speed"] = Json::array();
    for (const job::Speed& speed : speeds) {
      result["speed"].push_back(to_json(speed));
    }
    result["missing"] = missing;
    fmt::print("{}\n", result.dump(2));
    return;
  }
  print_speeds(speeds);
  fmt::print("Missing    {}\n",
             missing.empty() ? "nothing" : fmt::format("{}", fmt::join(missing, "\n           ")));
}

}  // namespace

void add_doctor_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Tell what this machine has, how fast it paints and what is missing");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Tell it as JSON");
  command->callback([json] { examine(*json); });
}

}  // namespace impasto::cli
