#include "media/zimg_graph.h"

#include <array>
#include <string>

#include "base/error.h"

namespace impasto::media {
namespace {

std::string last_zimg_error() {
  std::array<char, 512> text{};
  zimg_get_last_error(text.data(), text.size());
  return text.data();
}

bool same_region(const zimg_image_format& a, const zimg_image_format& b) {
  const auto same = [](double x, double y) { return x == y || (x != x && y != y); };
  return same(a.active_region.width, b.active_region.width) &&
         same(a.active_region.height, b.active_region.height);
}

bool same(const zimg_image_format& a, const zimg_image_format& b) {
  return a.width == b.width && a.height == b.height && a.pixel_type == b.pixel_type &&
         a.subsample_w == b.subsample_w && a.subsample_h == b.subsample_h &&
         a.color_family == b.color_family && a.matrix_coefficients == b.matrix_coefficients &&
         a.transfer_characteristics == b.transfer_characteristics &&
         a.color_primaries == b.color_primaries && a.depth == b.depth &&
         a.pixel_range == b.pixel_range && a.chroma_location == b.chroma_location &&
         same_region(a, b);
}

}  // namespace

void ZimgGraph::prepare(const zimg_image_format& from, const zimg_image_format& to) {
  if (graph_ && same(from, from_) && same(to, to_)) {
    return;
  }
  zimg_graph_builder_params params;
  zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
  // Catmull-Rom for both: sharp, and halving after doubling gives nearly what was there before.
  params.resample_filter = ZIMG_RESIZE_BICUBIC;
  params.filter_param_a = 0.0;
  params.filter_param_b = 0.5;
  params.resample_filter_uv = ZIMG_RESIZE_BICUBIC;
  params.filter_param_a_uv = 0.0;
  params.filter_param_b_uv = 0.5;
  params.cpu_type = ZIMG_CPU_AUTO_64B;  // all that the processor has; buffers are aligned for it
  graph_.reset(zimg_filter_graph_build(&from, &to, &params));
  if (!graph_) {
    throw Error(ExitCode::bad_input, "the video's colour format cannot be converted (" +
                                         last_zimg_error() +
                                         "); convert the video to BT.709 first");
  }
  std::size_t bytes = 0;
  zimg_filter_graph_get_tmp_size(graph_.get(), &bytes);
  scratch_ = allocate_aligned(bytes + 1);  // a graph may need none
  from_ = from;
  to_ = to;
}

void ZimgGraph::run(const zimg_image_buffer_const& from, const zimg_image_buffer& to) {
  if (zimg_filter_graph_process(graph_.get(), &from, &to, scratch_.get(), nullptr, nullptr, nullptr,
                                nullptr) != ZIMG_ERROR_SUCCESS) {
    throw Error(ExitCode::bug, "a colour conversion failed: " + last_zimg_error());
  }
}

}  // namespace impasto::media
