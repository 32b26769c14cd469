#pragma once

#include <onnx/onnx_pb.h>

#include "graph/graph.h"

namespace impasto::style {

/// Finds the parts of a net that compute an instance norm in other operators (means over reshaped
/// planes, squares, roots ...) and replaces each by one InstanceNormalization. A part is known by
/// what it does, not by how it is spelt: it is run on noise, and its scale, shift and epsilon are
/// read off its answers. `shapes` are the net's at a size that it takes. Returns how many there
/// were.
int rewrite_norms(onnx::ModelProto& model, const graph::Shapes& shapes);

}  // namespace impasto::style
