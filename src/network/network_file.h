#pragma once

#include <map>
#include <string>
#include <string_view>

#include "network/code.h"

namespace impasto::network {

/// What a file says of itself: `name`, `title`, `painting` ... (docs/architecture.md).
using Metadata = std::map<std::string, std::string>;

/// The ONNX file of a style: input `image` [N,3,H,W] RGB 0..1, H and W multiples of 8 and at least
/// 32; output `painted`, alike. Convolutions are kept in 16 bits.
/// Throws Error(bug) when a weight is missing or has the wrong number of values.
std::string write_style(const Weights& weights, const Metadata& metadata);

/// The ONNX file of a base painter: a style whose scales and shifts are a second input, `code`
/// [N,2688]. Scales and shifts among the weights are left out. Throws like `write_style`.
std::string write_base(const Weights& weights, const Metadata& metadata);

/// The weights in the bytes of a style or of a base painter, which has no scales and shifts.
/// `file` is for the sentences only.
/// Throws Error(bad_input) when it is no ONNX net, or none of Impasto's own in today's form.
Weights read(std::string_view bytes, const std::string& file);

/// What the bytes of an ONNX net say of it. Throws Error(bad_input) when they are none.
Metadata read_metadata(std::string_view bytes, const std::string& file);

}  // namespace impasto::network
