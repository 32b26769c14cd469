#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <optional>

#include "engine/ends.h"

namespace impasto::engine::passes {

/// Takes from a quantised net of our own what engine/ends.h does as well: afterwards it takes the
/// folded picture, [1, height, width, channels] in 8 bits, and gives what is to be unfolded,
/// [1, height, width, channels] in the type `given`. Nothing, and the net unchanged, when the net
/// begins or ends in another way.
std::optional<Ends> take_ends(const std::shared_ptr<ov::Model>& net, ov::element::Type given);

}  // namespace impasto::engine::passes
