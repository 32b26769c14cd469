#include "engine/openvino/device.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <openvino/runtime/properties.hpp>
#include <optional>

#include "base/error.h"

namespace impasto::engine::openvino {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

constexpr const char* kInt8 = "int8";

std::vector<std::string> precisions(ov::Core& core, const std::string& device) {
  const auto abilities = core.get_property(device, ov::device::capabilities);
  const auto can = [&](const char* ability) {
    return std::find(abilities.begin(), abilities.end(), ability) != abilities.end();
  };
  // A CPU lists FP16 for the sake of its file formats; only f32 and bf16 are its ways to compute.
  const bool is_cpu = device == "CPU";
  std::vector<std::string> names;
  if (can("BF16")) {
    names.emplace_back("bf16");
  }
  if (!is_cpu && can("FP16")) {
    names.emplace_back("f16");
  }
  names.emplace_back("f32");
  if (can("INT8")) {
    names.emplace_back(kInt8);
  }
  return names;
}

ov::element::Type parse_precision(const std::string& name) {
  if (name == "bf16") {
    return ov::element::bf16;
  }
  return name == "f16" ? ov::element::f16 : ov::element::f32;
}

/// OpenVINO's name for the device that the user names; enumerating the others costs 70 ms, so the
/// CPU is taken without.
std::string find_device(ov::Core& core, const std::string& wanted) {
  if (lower(wanted) == "cpu") {
    return "CPU";
  }
  std::vector<std::string> names;
  for (const std::string& name : core.get_available_devices()) {
    const std::string candidate = lower(name);
    if (candidate == lower(wanted) || candidate.substr(0, candidate.find('.')) == lower(wanted)) {
      return name;
    }
    names.push_back(candidate);
  }
  throw Error(ExitCode::usage,
              fmt::format("there is no device \"{}\" here to paint on; choose one of: {}", wanted,
                          fmt::join(names, ", ")));
}

ov::element::Type choose_precision(ov::Core& core, const std::string& device,
                                   const std::string& wanted) {
  const std::vector<std::string> names = precisions(core, device);
  if (wanted == "auto") {
    // The device's own default is the reduced precision exactly where its hardware has it.
    const auto preferred = core.get_property(device, ov::hint::inference_precision);
    const std::string name = precision_name(preferred);
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    return known ? preferred : ov::element::f32;
  }
  if (std::find(names.begin(), names.end(), wanted) == names.end()) {
    throw Error(ExitCode::usage,
                fmt::format(R"(The device "{}" does not compute in "{}"; choose one of: auto, {}.)",
                            lower(device), wanted, fmt::join(names, ", ")));
  }
  return parse_precision(wanted);
}

}  // namespace

std::string precision_name(ov::element::Type type) { return type.get_type_name(); }

std::vector<Device> list_devices(ov::Core& core) {
  std::vector<Device> devices;
  for (const std::string& name : core.get_available_devices()) {
    devices.push_back(
        {lower(name), core.get_property(name, ov::device::full_name), precisions(core, name)});
  }
  std::stable_partition(devices.begin(), devices.end(),
                        [](const Device& device) { return device.name == "cpu"; });
  return devices;
}

DeviceChoice choose_device(ov::Core& core, const PainterOptions& options) {
  const std::string name = find_device(core, options.device);
  ov::element::Type precision = choose_precision(core, name, options.precision);
  const bool int8 = options.precision == kInt8;
  if (int8) {
    precision = choose_precision(core, name, "auto");
  }
  return {name, core.get_property(name, ov::device::full_name), precision, int8};
}

}  // namespace impasto::engine::openvino
