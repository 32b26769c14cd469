#pragma once

#include <openvino/core/any.hpp>

#include "engine/openvino/device.h"

namespace impasto::engine::openvino {

/// How the compute threads are split: `streams` frames at once, each by threads / streams threads.
struct Split {
  int threads = 1;
  int streams = 1;
};

/// As many streams as can be without leaving threads idle: a frame a core needs no barriers between
/// the cores (on two cores two streams of one thread paint a third more than one of two). Each
/// stream holds a frame's worth of activations (about 150 MB at 1920x1080), hence a few of them
/// only. `wanted` 0: all processors that this process may use.
Split split_threads(int wanted);

/// What a net is compiled with for many frames a second.
ov::AnyMap compile_options(const DeviceChoice& device, const Split& split);

}  // namespace impasto::engine::openvino
