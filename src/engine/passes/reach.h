#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <optional>

namespace impasto::engine::passes {

/// How far around a place of the picture a net looks to paint it, in pixels: half its receptive
/// field. Nothing when that is the whole picture (norms by its own statistics) or cannot be told.
/// The net's shapes are known.
std::optional<int> reach_of(const std::shared_ptr<ov::Model>& net);

}  // namespace impasto::engine::passes
