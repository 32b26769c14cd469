#pragma once

#include <onnx/onnx_pb.h>

#include "graph/graph.h"

namespace impasto::style {

/// How many of each were found.
struct Resampled {
  int upsamplings = 0;     ///< Nearest upsampling by whole numbers.
  int pixel_shuffles = 0;  ///< Channels to pixels or pixels to channels.
  int idle = 0;            ///< Reshapes that change nothing.
};

/// Finds the parts of a net that only move values about in fixed Reshapes, Concats, Expands, Tiles
/// or Transposes, and replaces those that are a nearest upsampling by Resize, those that are a
/// pixel shuffle by DepthToSpace or SpaceToDepth, and drops those that change nothing. A part is
/// known by where it moves the values of a tensor of noise. `shapes` are the net's at a size that
/// it takes.
Resampled rewrite_resampling(onnx::ModelProto& model, const graph::Shapes& shapes);

}  // namespace impasto::style
