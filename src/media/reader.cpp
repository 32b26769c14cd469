#include "media/reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace impasto::media {
namespace {

constexpr std::int64_t kProbeBytes = 20'000'000;
constexpr std::int64_t kProbeTime = std::int64_t{20} * AV_TIME_BASE;
/// Other streams may stand up to this far behind the video in the file.
constexpr std::int64_t kInterleaveSlack = std::int64_t{2} * AV_TIME_BASE;

std::string quoted(const store::Source& source) { return "'" + source.uri() + "'"; }

bool is_still_format(const AVFormatContext& format) {
  const std::string name = format.iformat->name;
  return name == "image2" || name.ends_with("_pipe");
}

/// The index of a file that was cut off points past its end.
bool points_past_end(AVStream* stream, std::uint64_t size) {
  const int entries = avformat_index_get_entries_count(stream);
  std::uint64_t last = 0;
  for (int i = std::max(0, entries - 64); i < entries; ++i) {
    const AVIndexEntry* entry = avformat_index_get_entry(stream, i);
    if (entry != nullptr && entry->pos >= 0) {
      last = std::max(last, static_cast<std::uint64_t>(entry->pos) +
                                static_cast<std::uint64_t>(std::max(0, entry->size)));
    }
  }
  return last > size;
}

bool flagged_interlaced(const AVFrame& frame) { return frame.interlaced_frame != 0; }

int exif_orientation(const AVFrame& frame) {
  const AVDictionaryEntry* entry = av_dict_get(frame.metadata, "Orientation", nullptr, 0);
  return entry == nullptr ? 1 : std::atoi(entry->value);
}

std::string turn_of(const AVStream& stream, const AVFrame& frame) {
  const auto* matrix = reinterpret_cast<const std::int32_t*>(
      av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr));
  if (matrix != nullptr) {
    return turn_for_display_matrix(matrix);
  }
  const AVFrameSideData* side = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  if (side != nullptr) {
    return turn_for_display_matrix(reinterpret_cast<const std::int32_t*>(side->data));
  }
  return turn_for_exif(exif_orientation(frame));
}

}  // namespace

Reader::Reader(std::shared_ptr<store::Source> source, const ReaderOptions& options)
    : options_(options), io_(std::move(source)) {
  open();
  choose_video();
  open_decoder();
  find_first_frame();
  if (!first_frame_) {
    const std::string what = options_.start || options_.duration
                                 ? "has no frame in the chosen part; choose another --start"
                                 : "has a video stream without a single frame that can be decoded";
    throw Error(ExitCode::bad_input, quoted(io_.source()) + " " + what);
  }
  describe();
}

void Reader::open() {
  if (io_.source().size() == 0) {
    throw Error(ExitCode::bad_input, quoted(io_.source()) + " is empty; copy it again");
  }
  AVFormatContext* format = avformat_alloc_context();
  if (format == nullptr) {
    throw std::bad_alloc();
  }
  format->pb = io_.context();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->probesize = kProbeBytes;
  format->max_analyze_duration = kProbeTime;
  // Frees `format` on failure.
  const int opened = avformat_open_input(&format, io_.source().uri().c_str(), nullptr, nullptr);
  io_.check();
  if (opened < 0) {
    throw Error(ExitCode::bad_input,
                quoted(io_.source()) +
                    " is not a video or picture that can be read, or its index is missing because "
                    "it was cut off (" +
                    av_error_text(opened) + "); copy it again or repair it");
  }
  format_.reset(format);
  const int probed = avformat_find_stream_info(format, nullptr);
  io_.check();
  if (probed < 0) {
    throw Error(ExitCode::bad_input, quoted(io_.source()) + " holds streams that cannot be read (" +
                                         av_error_text(probed) + ")");
  }
}

void Reader::choose_video() {
  int chosen = av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const auto is_cover = [&](int index) {
    return (format_->streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  };
  if (chosen >= 0 && is_cover(chosen)) {
    chosen = -1;
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
      if (format_->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
          !is_cover(static_cast<int>(i))) {
        chosen = static_cast<int>(i);
        break;
      }
    }
  }
  if (chosen < 0) {
    throw Error(ExitCode::bad_input,
                quoted(io_.source()) + " has no video stream; there is nothing to paint");
  }
  stream_ = format_->streams[chosen];
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    if (options_.frames_only && static_cast<int>(i) != chosen) {
      format_->streams[i]->discard = AVDISCARD_ALL;
    }
  }
}

void Reader::open_decoder() {
  const AVCodec* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
  const std::string name = avcodec_get_name(stream_->codecpar->codec_id);
  if (codec == nullptr) {
    throw Error(ExitCode::bad_input, quoted(io_.source()) + " is coded in " + name +
                                         ", which this machine's libavcodec cannot decode");
  }
  decoder_.reset(avcodec_alloc_context3(codec));
  if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), stream_->codecpar) < 0) {
    throw std::bad_alloc();
  }
  decoder_->pkt_timebase = stream_->time_base;
  const Size coded{stream_->codecpar->width, stream_->codecpar->height};
  decoder_->thread_count = is_huge(coded) ? 1 : options_.threads;  // each holds frames of its own
  // libav's TIFF decoder takes every tag that it does not know for damage.
  if (options_.refuse_damage && codec->id != AV_CODEC_ID_TIFF) {
    decoder_->err_recognition |= AV_EF_EXPLODE | AV_EF_CRCCHECK;
  }
  const int opened = avcodec_open2(decoder_.get(), codec, nullptr);
  if (opened < 0) {
    throw Error(ExitCode::bad_input, quoted(io_.source()) + ": the " + name +
                                         " decoder refuses the stream (" + av_error_text(opened) +
                                         ")");
  }
}

void Reader::find_first_frame() {
  const std::int64_t origin =
      format_->start_time != AV_NOPTS_VALUE ? format_->start_time : std::int64_t{0};
  const bool seeking = options_.start && options_.start->count() > 0;
  start_offset_ = seeking ? origin + std::llround(options_.start->count() * AV_TIME_BASE) : 0;
  if (options_.duration) {
    end_offset_ = (seeking ? start_offset_ : origin) +
                  std::llround(options_.duration->count() * AV_TIME_BASE);
  }
  if (options_.range) {
    seek_to(av_rescale_q(options_.range->seek, stream_->time_base, AV_TIME_BASE_Q), origin, true);
  } else {
    seek_to(start_offset_, origin, seeking);
  }
}

void Reader::seek_to(std::int64_t time, std::int64_t origin, bool seeking) {
  // Broadcasts have no index: a seek may land between key frames, and what cannot be decoded from
  // there would be missing. Then the search begins farther back, at last at the very beginning.
  constexpr std::int64_t kSecond = AV_TIME_BASE;
  for (const std::int64_t back :
       {0 * kSecond, 3 * kSecond, 15 * kSecond, 60 * kSecond, INT64_MAX}) {
    const bool from_beginning = back >= time - origin;
    if (from_beginning && back > 0) {
      reopen();
    } else if (seeking && !from_beginning) {
      seek(time - back);
    }
    while (!first_frame_ && !input_done_) {
      demux_one();
    }
    const bool in_time = first_decoded_ != AV_NOPTS_VALUE && is_in_time(first_decoded_);
    if (!seeking || in_time || from_beginning) {
      return;
    }
    forget_what_was_read();
  }
}

/// Whether what is wanted comes whole when decoding begins with the frame of this pts.
bool Reader::is_in_time(std::int64_t pts) const {
  return options_.range
             ? pts <= options_.range->from
             : av_compare_ts(pts, stream_->time_base, start_offset_, AV_TIME_BASE_Q) <= 0;
}

void Reader::seek(std::int64_t time) {
  const int code = avformat_seek_file(format_.get(), -1, INT64_MIN, time, time, 0);
  io_.check();
  if (code < 0) {
    reopen();  // formats that cannot seek are read from the beginning
  }
}

void Reader::reopen() {
  decoder_.reset();
  format_.reset();
  avio_seek(io_.context(), 0, SEEK_SET);
  open();
  choose_video();
  open_decoder();
}

void Reader::forget_what_was_read() {
  avcodec_flush_buffers(decoder_.get());
  upright_.reset();
  durations_.clear();
  ready_.clear();
  first_frame_.reset();
  counts_ = {};
  video_.interlaced = false;
  first_decoded_ = AV_NOPTS_VALUE;
  last_pts_ = AV_NOPTS_VALUE;
  last_end_ = INT64_MIN;
  video_done_ = false;
  input_done_ = false;
}

bool Reader::before_start(std::int64_t time, AVRational base) const {
  if (options_.range) {
    return time != AV_NOPTS_VALUE &&
           av_compare_ts(time, base, options_.range->from, stream_->time_base) < 0;
  }
  return options_.start && time != AV_NOPTS_VALUE &&
         av_compare_ts(time, base, start_offset_, AV_TIME_BASE_Q) < 0;
}

bool Reader::past_end(std::int64_t time, AVRational base) const {
  if (options_.range) {
    return time != AV_NOPTS_VALUE &&
           av_compare_ts(time, base, options_.range->until, stream_->time_base) >= 0;
  }
  return end_offset_ != INT64_MAX && time != AV_NOPTS_VALUE &&
         av_compare_ts(time, base, end_offset_, AV_TIME_BASE_Q) >= 0;
}

void Reader::describe() {
  const AVFrame& frame = *first_frame_;
  video_.stream_index = stream_->index;
  video_.codec = avcodec_get_name(stream_->codecpar->codec_id);
  video_.size = {frame.width, frame.height};
  video_.format = static_cast<AVPixelFormat>(frame.format);
  video_.sample_aspect = frame.sample_aspect_ratio;
  video_.time_base = stream_->time_base;
  video_.frame_rate = av_guess_frame_rate(format_.get(), stream_, nullptr);
  video_.frames = stream_->nb_frames;
  video_.still = is_still_format(*format_);
  video_.truncated = points_past_end(stream_, io_.source().size());
  if (stream_->duration != AV_NOPTS_VALUE) {
    video_.duration = Seconds(static_cast<double>(stream_->duration) * av_q2d(stream_->time_base));
  } else if (format_->duration != AV_NOPTS_VALUE) {
    video_.duration = Seconds(static_cast<double>(format_->duration) / AV_TIME_BASE);
  }
  if (options_.start || options_.duration) {  // only a part of it
    const Seconds rest = video_.duration - options_.start.value_or(Seconds(0));
    const Seconds part = std::min(options_.duration.value_or(rest), rest);
    if (video_.duration.count() > 0) {
      video_.frames = std::llround(static_cast<double>(video_.frames) * (part / video_.duration));
      video_.duration = part;
    }
  }
}

ReadItem Reader::next() {
  while (ready_.empty() && !input_done_) {
    demux_one();
  }
  if (ready_.empty()) {
    return std::monostate{};
  }
  ReadItem item = std::move(ready_.front());
  ready_.pop_front();
  return item;
}

bool Reader::far_past_end(std::int64_t time, AVRational base) const {
  return end_offset_ != INT64_MAX && time != AV_NOPTS_VALUE &&
         av_rescale_q(time, base, AV_TIME_BASE_Q) - end_offset_ > kInterleaveSlack;
}

bool Reader::demux_one() {
  PacketPtr packet = make_packet();
  const int code = av_read_frame(format_.get(), packet.get());
  io_.check();
  if (code < 0) {
    // A damaged tail ends the stream as a clean one does; what is missing shows in the counts.
    if (!video_done_) {
      decode(nullptr);
      video_done_ = true;
      measure_missing_end();
    }
    input_done_ = true;
    return false;
  }
  if (packet->pts != AV_NOPTS_VALUE) {
    note_end(packet->pts + packet->duration, format_->streams[packet->stream_index]->time_base);
  }
  if (packet->stream_index == stream_->index) {
    ++counts_.packets;
    if (!video_done_ && (!options_.undecoded || !first_frame_)) {
      decode(packet.get());
    }
    if (video_done_ && far_past_end(packet->dts, stream_->time_base)) {
      input_done_ = true;
    }
    if (options_.undecoded) {
      video_done_ = video_done_ || past_end(packet->pts, stream_->time_base);
      ready_.emplace_back(std::move(packet));
    }
  } else if (!options_.frames_only) {
    keep_packet(std::move(packet));
  } else if (video_done_) {
    input_done_ = true;
  }
  return true;
}

void Reader::note_end(std::int64_t end, AVRational base) {
  last_end_ = std::max(last_end_, av_rescale_q(end, base, AV_TIME_BASE_Q));
}

void Reader::measure_missing_end() {
  // QuickTime's index tells exactly (points_past_end); elsewhere the header's duration has to,
  // where it was written there and not guessed from the file as it is.
  const bool promised = format_->duration_estimation_method == AVFMT_DURATION_FROM_STREAM &&
                        format_->duration != AV_NOPTS_VALUE && format_->duration > 0;
  const bool quicktime = std::string(format_->iformat->name).find("mp4") != std::string::npos;
  if (!promised || quicktime || options_.frames_only || last_end_ == INT64_MIN) {
    return;
  }
  const std::int64_t start = format_->start_time != AV_NOPTS_VALUE ? format_->start_time : 0;
  const double missing = static_cast<double>(start + format_->duration - last_end_) / AV_TIME_BASE;
  const double tolerable =
      std::max(0.25, 0.01 * static_cast<double>(format_->duration) / AV_TIME_BASE);
  counts_.missing_seconds = missing > tolerable ? missing : 0.0;
}

void Reader::keep_packet(PacketPtr packet) {
  const AVRational base = format_->streams[packet->stream_index]->time_base;
  const bool cover =
      (format_->streams[packet->stream_index]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  const std::int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
  if (!cover && before_start(time, base)) {
    return;
  }
  if (!cover && past_end(time, base)) {
    if (video_done_ && far_past_end(time, base)) {
      input_done_ = true;
    }
    return;
  }
  ready_.emplace_back(std::move(packet));
}

void Reader::decode(const AVPacket* packet) {
  const int sent = avcodec_send_packet(decoder_.get(), packet);
  if (sent < 0 && sent != AVERROR_EOF) {
    ++counts_.undecodable;  // EAGAIN cannot be: all frames are taken after each packet
  }
  receive_frames();
  if (packet == nullptr) {
    if (upright_) {
      upright_->put(nullptr);
      take_upright();
    }
  }
}

void Reader::receive_frames() {
  while (!video_done_) {
    FramePtr frame = make_frame();
    const int code = avcodec_receive_frame(decoder_.get(), frame.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
      return;
    }
    if (code < 0) {
      ++counts_.undecodable;
      continue;
    }
    accept(std::move(frame));
  }
}

std::int64_t Reader::nominal_step() const {
  const AVRational rate = av_guess_frame_rate(format_.get(), stream_, nullptr);
  if (rate.num <= 0 || rate.den <= 0) {
    return 1;
  }
  return std::max<std::int64_t>(1, av_rescale_q(1, av_inv_q(rate), stream_->time_base));
}

void Reader::accept(FramePtr frame) {
  frame->pts = frame->best_effort_timestamp;
  const std::int64_t step = frame->pkt_duration > 0 ? frame->pkt_duration : nominal_step();
  if (frame->pts == AV_NOPTS_VALUE) {
    frame->pts = last_pts_ == AV_NOPTS_VALUE ? 0 : last_pts_ + step;
    ++counts_.retimed;
  } else if (last_pts_ != AV_NOPTS_VALUE && frame->pts <= last_pts_) {
    frame->pts = last_pts_ + 1;
    ++counts_.retimed;
  }
  last_pts_ = frame->pts;
  first_decoded_ = first_decoded_ == AV_NOPTS_VALUE ? frame->pts : first_decoded_;
  frame->sample_aspect_ratio = av_guess_sample_aspect_ratio(format_.get(), stream_, frame.get());
  if (frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
    ++counts_.concealed;
  }
  if (flagged_interlaced(*frame)) {
    ++counts_.deinterlaced;
  }
  const bool yuv = (av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format))->flags &
                    AV_PIX_FMT_FLAG_RGB) == 0;
  if (yuv && frame->colorspace == AVCOL_SPC_UNSPECIFIED && is_still_format(*format_)) {
    frame->colorspace = AVCOL_SPC_BT470BG;  // pictures are BT.601 at any size
  }
  durations_[frame->pts] = frame->pkt_duration > 0 ? frame->pkt_duration : step;
  set_up_upright(*frame);
  frame = planar(std::move(frame));
  upright_->put(frame.get());
  take_upright();
}

void Reader::set_up_upright(const AVFrame& frame) {
  if (!upright_) {
    video_.turn = turn_of(*stream_, frame);
  } else if (video_.interlaced || !flagged_interlaced(frame)) {
    return;
  }
  // Mixed material may turn interlaced later on; nothing is inside the idle filters by then.
  if (upright_) {
    upright_->put(nullptr);
    take_upright();
  }
  video_.interlaced = flagged_interlaced(frame);
  upright_ = std::make_unique<Upright>(video_.turn, video_.interlaced, stream_->time_base);
}

void Reader::take_upright() {
  while (FramePtr frame = upright_->take()) {
    if (!give_out(std::move(frame))) {
      return;
    }
  }
}

bool Reader::give_out(FramePtr frame) {
  const auto known = durations_.find(frame->pts);
  frame->pkt_duration = known != durations_.end() ? known->second : 0;
  durations_.erase(durations_.begin(), durations_.upper_bound(frame->pts));
  if (before_start(frame->pts, stream_->time_base)) {
    return true;
  }
  if (past_end(frame->pts, stream_->time_base)) {
    video_done_ = true;
    input_done_ = options_.frames_only;
    return false;
  }
  frame->interlaced_frame = 0;
  frame->pict_type = AV_PICTURE_TYPE_NONE;  // the encoder decides anew
  av_frame_remove_side_data(frame.get(), AV_FRAME_DATA_DISPLAYMATRIX);
  if (!first_frame_) {
    first_frame_ = share(*frame);
  }
  ++counts_.frames;
  if (!options_.undecoded) {
    ready_.emplace_back(std::move(frame));
  }
  return true;
}

}  // namespace impasto::media
