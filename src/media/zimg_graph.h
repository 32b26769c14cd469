#pragma once

#include <zimg.h>

#include <memory>

#include "base/aligned_memory.h"

namespace impasto::media {

/// One zimg filter graph and its scratch memory, built anew when the formats change.
class ZimgGraph {
 public:
  /// Throws Error(bad_input) with zimg's reason when it cannot convert between the two.
  void prepare(const zimg_image_format& from, const zimg_image_format& to);
  /// Both buffers 64-byte aligned in address and stride.
  void run(const zimg_image_buffer_const& from, const zimg_image_buffer& to);

 private:
  struct FreeGraph {
    void operator()(zimg_filter_graph* graph) const noexcept { zimg_filter_graph_free(graph); }
  };
  std::unique_ptr<zimg_filter_graph, FreeGraph> graph_;
  AlignedMemory scratch_;
  zimg_image_format from_{};
  zimg_image_format to_{};
};

}  // namespace impasto::media
