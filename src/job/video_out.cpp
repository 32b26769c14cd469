#include "job/video_out.h"

#include <string>
#include <utility>

#include "base/error.h"
#include "media/planar.h"

namespace impasto::job {

VideoOut::VideoOut(const media::OutputPlan& plan, store::Sink& sink, const AVFormatContext& input)
    : plan_(plan),
      sink_(sink),
      input_(input),
      encoder_(plan.encode, plan.format, (plan.muxer->flags & AVFMT_GLOBALHEADER) != 0),
      writer_(sink, plan, input, encoder_.context()) {}

void VideoOut::write(media::FramePtr frame) {
  times_.push_back(frame->pts);
  last_duration_ = frame->pkt_duration;
  durations_[frame->pts] = frame->pkt_duration;
  frame = media::packed(std::move(frame), plan_.format.format);
  encoder_.send(frame.get());
  drain();
}

media::Verification VideoOut::finish() {
  encoder_.send(nullptr);
  drain();
  writer_.finish();
  media::Verification checked =
      media::verify(sink_.reread(), plan_, input_, writer_, times_, last_duration_);
  if (checked.frames_in != checked.frames_out) {
    throw Error(ExitCode::bug, "'" + sink_.uri() +
                                   "' was not written: " + std::to_string(checked.frames_in) +
                                   " frames went in, but " + std::to_string(checked.frames_out) +
                                   " could be read back; try another container (.mkv) or --codec");
  }
  return checked;
}

void VideoOut::drain() {
  while (media::PacketPtr packet = encoder_.receive()) {
    const auto duration = durations_.find(packet->pts);
    if (duration != durations_.end()) {
      packet->duration = duration->second;
      durations_.erase(duration);
    }
    writer_.write_video(std::move(packet));
  }
}

}  // namespace impasto::job
