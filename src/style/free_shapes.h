#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "graph/graph.h"

namespace impasto::style {

/// Turns sizes that are written into single operators into relations: Resize by sizes becomes
/// Resize by scales, a Slice that ends at a fixed place ends so far from the edge, a ConvTranspose
/// with an output shape gets its padding. What was done is added to `notes`. `shapes` are the net's
/// at the size that those numbers were written for.
void free_operators(onnx::ModelProto& model, const graph::Shapes& shapes,
                    std::vector<std::string>& notes);

/// Declares the input and the output open in N, H and W, and forgets all shapes in between.
void open_ports(onnx::ModelProto& model);

/// Checks that a net gives pictures of the size that it takes, at a size other than its own.
/// Throws Error(bad_input) naming the net called `file` and the operator that holds it to a size.
void check_size_free(const onnx::ModelProto& model, const std::string& file, std::int64_t height,
                     std::int64_t width);

}  // namespace impasto::style
