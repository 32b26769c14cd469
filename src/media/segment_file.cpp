#include "media/segment_file.h"

#include <new>
#include <utility>

#include "base/error.h"

namespace impasto::media {

SegmentWriter::SegmentWriter(store::Sink& sink, const AVCodecContext& encoder)
    : uri_(sink.uri()), io_(sink), base_(encoder.time_base) {
  AVFormatContext* format = nullptr;
  if (avformat_alloc_output_context2(&format, nullptr, "nut", uri_.c_str()) < 0) {
    throw std::bad_alloc();
  }
  format_.reset(format);
  io_.install(*format);
  format->flags |= AVFMT_FLAG_BITEXACT;  // no names of versions, and no times of making
  format->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  AVStream* stream = avformat_new_stream(format, nullptr);
  if (stream == nullptr || avcodec_parameters_from_context(stream->codecpar, &encoder) < 0) {
    throw std::bad_alloc();
  }
  stream->time_base = base_;
  stream->avg_frame_rate = encoder.framerate;
  stream->sample_aspect_ratio = encoder.sample_aspect_ratio;
  check(avformat_write_header(format, nullptr));
}

void SegmentWriter::check(int code) {
  io_.check();
  if (code < 0) {
    throw Error(ExitCode::bug,
                "writing the segment '" + uri_ + "' failed (" + av_error_text(code) + ")");
  }
}

void SegmentWriter::write(PacketPtr packet) {
  // The first packet is a key frame, and no frame is shown before it.
  origin_ = origin_ == AV_NOPTS_VALUE ? packet->pts : origin_;
  packet->pts -= origin_;
  packet->dts = packet->dts == AV_NOPTS_VALUE ? packet->pts : packet->dts - origin_;
  packet->stream_index = 0;
  av_packet_rescale_ts(packet.get(), base_, format_->streams[0]->time_base);
  check(av_write_frame(format_.get(), packet.get()));
  ++packets_;
}

void SegmentWriter::finish() {
  check(av_write_trailer(format_.get()));
  io_.flush();
  io_.check();
}

SegmentReader::SegmentReader(std::shared_ptr<store::Source> source, AVRational time_base,
                             std::int64_t from)
    : io_(std::move(source)), format_(open_input(io_)), base_(time_base), from_(from) {
  io_.check();
  if (!format_ || format_->nb_streams != 1) {
    throw Error(ExitCode::unavailable, "the segment '" + io_.source().uri() +
                                           "' cannot be read; delete it and run the work again");
  }
}

PacketPtr SegmentReader::next() {
  PacketPtr packet = make_packet();
  const int code = av_read_frame(format_.get(), packet.get());
  io_.check();
  if (code < 0) {
    return nullptr;
  }
  const AVRational own = format_->streams[0]->time_base;
  packet->pts = av_rescale_q(packet->pts, own, base_);
  origin_ = origin_ == AV_NOPTS_VALUE ? packet->pts : origin_;
  packet->pts += from_ - origin_;
  packet->dts = AV_NOPTS_VALUE;
  packet->duration = 0;
  return packet;
}

const AVCodecParameters& SegmentReader::parameters() const {
  return *format_->streams[0]->codecpar;
}

}  // namespace impasto::media
