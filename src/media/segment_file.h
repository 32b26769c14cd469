#pragma once

#include <cstdint>
#include <memory>

#include "media/av.h"
#include "media/av_io.h"
#include "store/store.h"

namespace impasto::media {

/// Writes a segment of a painted stream, a few seconds of it encoded by themselves, into a file of
/// its own: NUT, which holds every codec and times in any time base. Times count from the
/// segment's first frame.
class SegmentWriter {
 public:
  /// Writes the header. Throws Error(unavailable) when the store fails.
  SegmentWriter(store::Sink& sink, const AVCodecContext& encoder);

  /// A packet as the encoder gave it.
  void write(PacketPtr packet);
  /// Ends the file; nothing may be written after it.
  void finish();

  [[nodiscard]] std::int64_t packets() const { return packets_; }

 private:
  void check(int code);

  std::string uri_;
  WriteIo io_;
  OutputFormatPtr format_;
  AVRational base_{};
  std::int64_t origin_ = AV_NOPTS_VALUE;
  std::int64_t packets_ = 0;
};

/// Reads one back, packet by packet.
class SegmentReader {
 public:
  /// `from`: the pts of its first frame in `time_base`, in which all times are given out.
  /// Throws Error(unavailable) when it cannot be read: it is to be painted again.
  SegmentReader(std::shared_ptr<store::Source> source, AVRational time_base, std::int64_t from);

  /// The next in the order of decoding, with a pts and without a dts; null at the end.
  PacketPtr next();

  [[nodiscard]] const AVCodecParameters& parameters() const;

 private:
  ReadIo io_;
  InputFormatPtr format_;
  AVRational base_;
  std::int64_t from_;
  std::int64_t origin_ = AV_NOPTS_VALUE;
};

}  // namespace impasto::media
