#pragma once

#include <openvino/runtime/core.hpp>
#include <string>
#include <vector>

#include "engine/painter.h"

namespace impasto::engine::openvino {

/// What the user calls a device and what OpenVINO calls it.
struct DeviceChoice {
  std::string name;             ///< OpenVINO's: "CPU", "GPU.0".
  std::string full_name;        ///< The maker's: "Intel(R) Xeon(R) ...".
  ov::element::Type precision;  ///< What it shall compute in.
  bool int8 = false;            ///< Convolutions shall compute in 8-bit whole numbers.
};

/// Devices that OpenVINO sees here, the CPU first (it is the one that is always tested).
std::vector<Device> list_devices(ov::Core& core);

/// Finds the device and the precision that the options ask for.
/// Throws Error(usage) for an unknown device or precision, listing those there are.
DeviceChoice choose_device(ov::Core& core, const PainterOptions& options);

/// "f32", "bf16", "f16": what the project calls a precision.
std::string precision_name(ov::element::Type type);

}  // namespace impasto::engine::openvino
