#include "media/upright.h"

#include <cmath>
#include <utility>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/display.h>
}

#include "base/error.h"

namespace impasto::media {
namespace {

[[noreturn]] void fail(const std::string& what, int code) {
  throw Error(ExitCode::bug, "turning or deinterlacing a frame failed: " + what + ": " +
                                 av_error_text(code) + "; please report it with the file");
}

void require(int code, const char* what) {
  if (code < 0) {
    fail(what, code);
  }
}

}  // namespace

std::string turn_for_display_matrix(const std::int32_t matrix[9]) {
  const double counterclockwise = av_display_rotation_get(matrix);
  if (std::isnan(counterclockwise)) {
    return "";
  }
  const int quarter = ((static_cast<int>(std::lround(-counterclockwise / 90.0)) % 4) + 4) % 4;
  const double rest = -counterclockwise - 90.0 * std::round(-counterclockwise / 90.0);
  if (std::abs(rest) > 1.0) {
    return "";  // a tilt, not a turn: painted as it is stored
  }
  switch (quarter) {
    case 1:
      return matrix[3] > 0 ? "transpose=cclock_flip" : "transpose=clock";
    case 2:
      return std::string(matrix[0] < 0 ? "hflip" : "") +
             (matrix[0] < 0 && matrix[4] < 0 ? "," : "") + (matrix[4] < 0 ? "vflip" : "");
    case 3:
      return matrix[3] < 0 ? "transpose=clock_flip" : "transpose=cclock";
    default:
      return matrix[4] < 0 ? "vflip" : "";
  }
}

std::string turn_for_exif(int orientation) {
  switch (orientation) {
    case 2:
      return "hflip";
    case 3:
      return "hflip,vflip";
    case 4:
      return "vflip";
    case 5:
      return "transpose=cclock_flip";
    case 6:
      return "transpose=clock";
    case 7:
      return "transpose=clock_flip";
    case 8:
      return "transpose=cclock";
    default:
      return "";
  }
}

Upright::Upright(std::string turn, bool deinterlace, AVRational time_base)
    : turn_(std::move(turn)), deinterlace_(deinterlace), time_base_(time_base) {}

void Upright::build(const AVFrame& frame) {
  graph_.reset(avfilter_graph_alloc());
  if (!graph_) {
    throw std::bad_alloc();
  }
  graph_->nb_threads = 1;
  std::string chain = deinterlace_ ? "bwdif=mode=send_frame:parity=auto:deint=interlaced" : "";
  if (!turn_.empty()) {
    chain += (chain.empty() ? "" : ",") + turn_;
  }
  const AVRational aspect =
      frame.sample_aspect_ratio.num > 0 ? frame.sample_aspect_ratio : AVRational{0, 1};
  const std::string description =
      "buffer=video_size=" + std::to_string(frame.width) + "x" + std::to_string(frame.height) +
      ":pix_fmt=" + std::to_string(frame.format) + ":time_base=" + std::to_string(time_base_.num) +
      "/" + std::to_string(time_base_.den) + ":pixel_aspect=" + std::to_string(aspect.num) + "/" +
      std::to_string(aspect.den) + "[in];[in]" + chain + "[out];[out]buffersink";
  AVFilterInOut* inputs = nullptr;
  AVFilterInOut* outputs = nullptr;
  const int parsed = avfilter_graph_parse2(graph_.get(), description.c_str(), &inputs, &outputs);
  const FilterEndsPtr own_inputs(inputs);
  const FilterEndsPtr own_outputs(outputs);
  require(parsed, "avfilter_graph_parse2");
  require(avfilter_graph_config(graph_.get(), nullptr), "avfilter_graph_config");
  for (unsigned i = 0; i < graph_->nb_filters; ++i) {
    AVFilterContext* filter = graph_->filters[i];
    const std::string name = filter->filter->name;
    if (name == "buffer") {
      source_ = filter;
    } else if (name == "buffersink") {
      sink_ = filter;
    }
  }
  format_ = frame.format;
  width_ = frame.width;
  height_ = frame.height;
}

void Upright::drain() {
  for (;;) {
    FramePtr frame = make_frame();
    const int code = av_buffersink_get_frame(sink_, frame.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
      return;
    }
    require(code, "av_buffersink_get_frame");
    frame->pts = av_rescale_q(frame->pts, av_buffersink_get_time_base(sink_), time_base_);
    ready_.push_back(std::move(frame));
  }
}

void Upright::put(const AVFrame* frame) {
  if (idle()) {
    if (frame != nullptr) {
      ready_.push_back(share(*frame));
    }
    return;
  }
  const bool changed = frame != nullptr && (frame->format != format_ || frame->width != width_ ||
                                            frame->height != height_);
  if (graph_ && (frame == nullptr || changed)) {
    require(av_buffersrc_add_frame_flags(source_, nullptr, 0), "end of stream");
    drain();
    graph_.reset();
  }
  if (frame == nullptr) {
    return;
  }
  if (!graph_) {
    build(*frame);
  }
  const FramePtr shared = share(*frame);
  require(av_buffersrc_add_frame_flags(source_, shared.get(), AV_BUFFERSRC_FLAG_KEEP_REF),
          "av_buffersrc_add_frame");
  drain();
}

FramePtr Upright::take() {
  if (ready_.empty()) {
    return nullptr;
  }
  FramePtr frame = std::move(ready_.front());
  ready_.pop_front();
  return frame;
}

}  // namespace impasto::media
