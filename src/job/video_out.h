#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "media/encoder.h"
#include "media/output_plan.h"
#include "media/verify.h"
#include "media/writer.h"
#include "store/store.h"

namespace impasto::job {

/// The encoding end of a job: frames in order, packets to the writer, times kept for the
/// verification.
class VideoOut {
 public:
  /// Writes the header. `input` is what the plan was made for. Throws like media::Encoder and
  /// media::Writer.
  VideoOut(const media::OutputPlan& plan, store::Sink& sink, const AVFormatContext& input);

  /// A frame in the plan's work format, its pts and pkt_duration in the plan's time base.
  void write(media::FramePtr frame);
  /// A packet of another stream, as the reader gave it.
  void write(media::PacketPtr packet) { writer_.write_packet(std::move(packet)); }
  /// Ends the file and reads it back. Throws Error(bug) when it holds other frames than were
  /// written: such a file is never given its name.
  media::Verification finish();

  /// Frames so far.
  [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(times_.size()); }
  [[nodiscard]] const media::Encoder& encoder() const { return encoder_; }

 private:
  void drain();

  const media::OutputPlan& plan_;
  store::Sink& sink_;
  const AVFormatContext& input_;
  media::Encoder encoder_;
  media::Writer writer_;
  std::vector<std::int64_t> times_;
  std::map<std::int64_t, std::int64_t> durations_;  ///< Of frames inside the encoder, by pts.
  std::int64_t last_duration_ = 0;
};

}  // namespace impasto::job
