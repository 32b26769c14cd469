#pragma once

#include <string>

#include "engine/net_runner.h"

namespace impasto::job {

/// A painting as the reader of codes takes it: `painting` [1,3,H,W] RGB 0..1, 448 pixels on its
/// short side and at most twice as many on the long one, the middle of what is longer.
/// Throws Error(bad_input) when `file` is no picture, a video, broken or too small to tell a style.
engine::Tensor read_painting(const std::string& file);

}  // namespace impasto::job
