#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/av.h"
#include "media/av_io.h"
#include "media/encoder.h"
#include "media/output_plan.h"
#include "media/packet_tally.h"
#include "media/subtitle_converter.h"
#include "store/store.h"

namespace impasto::media {

/// Writes the painted stream and everything else of the input into one container. Packets of other
/// streams wait until the video has come to their time, so that the file stays well interleaved
/// although painting lags behind reading.
class Writer {
 public:
  /// Writes the header. `input` is only read here and in this call. Throws Error(bad_input) with
  /// the container's reason when it refuses the streams, Error(unavailable) when the disk is full.
  Writer(store::Sink& sink, const OutputPlan& plan, const AVFormatContext& input,
         const AVCodecContext& encoder);

  /// A packet of the painted stream, in the encoder's time base.
  void write_video(PacketPtr packet);
  /// A packet of another stream, as the reader gave it; those of dropped streams are ignored.
  void write_packet(PacketPtr packet);
  /// Ends the video (what waits is let go), writes the index. Nothing may be written after it.
  void finish();

  /// Tallies of what was handed to the muxer, by input stream.
  [[nodiscard]] std::map<int, PacketTally>& tallies() { return tallies_; }
  /// Output stream of an input stream, or -1.
  [[nodiscard]] int target(int source) const;
  /// Streams whose packets were unwrapped for the container (ADTS headers of AAC), by input stream.
  [[nodiscard]] bool unwrapped(int source) const { return unwrap_.count(source) > 0; }

 private:
  struct Held {
    PacketPtr packet;
    double time;
  };
  struct BsfDelete {
    void operator()(AVBSFContext* filter) const noexcept { av_bsf_free(&filter); }
  };
  using BsfPtr = std::unique_ptr<AVBSFContext, BsfDelete>;

  void add_streams(const OutputPlan& plan, const AVFormatContext& input,
                   const AVCodecContext& encoder);
  void add_painted(const AVStream& from, const AVCodecContext& encoder);
  void add_converted(const AVStream& from, AVCodecID codec);
  void add_attached(const AVStream& from);
  void add_copied(const AVStream& from);
  void add_programs(const AVFormatContext& input);
  void copy_tags(const AVFormatContext& input);
  void copy_chapters(const AVFormatContext& input);
  void write_header(bool free_tags);
  void release(double until);
  void pass_on(PacketPtr packet);
  void add_codec_delay(AVPacket& packet, const AVStream& to) const;
  void mux(PacketPtr packet, int source, AVRational base);
  void check(int code, const char* what);

  std::string uri_;
  WriteIo io_;
  OutputFormatPtr format_;
  std::vector<int> targets_;
  std::vector<AVRational> bases_;  ///< Of the input's streams.
  int painted_ = -1;
  AVRational encoder_base_{};
  std::int64_t shift_ = 0;
  std::map<int, std::unique_ptr<SubtitleConverter>> converters_;
  std::map<int, BsfPtr> unwrap_;
  std::map<int, PacketTally> tallies_;
  std::map<int, std::int64_t> last_dts_;
  std::deque<Held> held_;
  std::size_t held_bytes_ = 0;
  bool finished_ = false;
};

}  // namespace impasto::media
