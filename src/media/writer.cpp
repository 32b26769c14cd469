#include "media/writer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <new>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace impasto::media {
namespace {

/// More than this never waits for the video: a file may hold hours of sound behind its last frame.
constexpr std::size_t kMostHeldBytes = 64U << 20;

/// Tags that describe the file or encoding they stand in, not the film.
bool is_about_the_file(std::string_view key) {
  constexpr std::array<std::string_view, 5> kKeys = {"encoder", "major_brand", "minor_version",
                                                     "compatible_brands", "vendor_id"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

/// Matroska's statistics of a track; false for a stream that is encoded anew.
bool is_statistic(std::string_view key) {
  return key.starts_with("BPS") || key.starts_with("NUMBER_OF_") || key.starts_with("DURATION") ||
         key.starts_with("_STATISTICS_");
}

void copy_dictionary(AVDictionary** to, const AVDictionary* from, bool encoded_anew) {
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(from, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    if (!is_about_the_file(entry->key) && !(encoded_anew && is_statistic(entry->key))) {
      av_dict_set(to, entry->key, entry->value, 0);
    }
  }
}

void copy_side_data(AVStream& to, const AVStream& from, bool painted) {
  for (int i = 0; i < from.nb_side_data; ++i) {
    const AVPacketSideData& side = from.side_data[i];
    const bool about_coding = side.type == AV_PKT_DATA_DISPLAYMATRIX ||
                              side.type == AV_PKT_DATA_CPB_PROPERTIES ||
                              side.type == AV_PKT_DATA_DOVI_CONF;
    if (painted && about_coding) {
      continue;  // painted upright, encoded anew
    }
    std::uint8_t* copy = av_stream_new_side_data(&to, side.type, side.size);
    if (copy != nullptr) {
      std::memcpy(copy, side.data, side.size);
    }
  }
}

bool is_mov(std::string_view muxer) { return muxer == "mp4" || muxer == "mov" || muxer == "ipod"; }

bool is_matroska(std::string_view muxer) { return muxer == "matroska" || muxer == "webm"; }

/// AAC out of a broadcast carries its parameters before every packet; files keep them once.
bool has_adts(const AVStream& stream) {
  return stream.codecpar->codec_id == AV_CODEC_ID_AAC && stream.codecpar->extradata_size == 0;
}

}  // namespace

Writer::Writer(store::Sink& sink, const OutputPlan& plan, const AVFormatContext& input,
               const AVCodecContext& encoder)
    : uri_(sink.uri()), io_(sink), encoder_base_(encoder.time_base), shift_(plan.shift) {
  AVFormatContext* format = nullptr;
  if (avformat_alloc_output_context2(&format, plan.muxer, nullptr, uri_.c_str()) < 0) {
    throw std::bad_alloc();
  }
  format_.reset(format);
  io_.install(*format);
  format->flags |= AVFMT_FLAG_BITEXACT;  // no numbers drawn by lot: the same film, the same bytes
  add_streams(plan, input, encoder);
  add_programs(input);
  copy_tags(input);
  copy_chapters(input);
  write_header(plan.free_tags);
}

int Writer::target(int source) const { return targets_.at(static_cast<std::size_t>(source)); }

void Writer::add_streams(const OutputPlan& plan, const AVFormatContext& input,
                         const AVCodecContext& encoder) {
  targets_.assign(input.nb_streams, -1);
  for (unsigned i = 0; i < input.nb_streams; ++i) {
    bases_.push_back(input.streams[i]->time_base);
  }
  for (const StreamPlan& stream : plan.streams) {
    const AVStream& from = *input.streams[stream.source];
    const int next = static_cast<int>(format_->nb_streams);
    switch (stream.fate) {
      case StreamPlan::Fate::painted:
        painted_ = stream.source;
        add_painted(from, encoder);
        break;
      case StreamPlan::Fate::converted:
        add_converted(from, stream.subtitle_codec);
        break;
      case StreamPlan::Fate::attached:
        add_attached(from);
        break;
      case StreamPlan::Fate::copied:
        add_copied(from);
        break;
      case StreamPlan::Fate::rewritten:
      case StreamPlan::Fate::dropped:
        continue;
    }
    targets_[static_cast<std::size_t>(stream.source)] = next;
    tallies_.try_emplace(stream.source, stream.fate != StreamPlan::Fate::painted);
    AVStream& to = *format_->streams[next];
    to.disposition = from.disposition;
    to.id = from.id;
    copy_dictionary(&to.metadata, from.metadata, stream.fate == StreamPlan::Fate::painted);
  }
}

void Writer::add_painted(const AVStream& from, const AVCodecContext& encoder) {
  AVStream* to = avformat_new_stream(format_.get(), nullptr);
  if (to == nullptr || avcodec_parameters_from_context(to->codecpar, &encoder) < 0) {
    throw std::bad_alloc();
  }
  to->time_base = encoder.time_base;
  to->avg_frame_rate = encoder.framerate;
  to->sample_aspect_ratio = encoder.sample_aspect_ratio;
  copy_side_data(*to, from, true);
}

void Writer::add_converted(const AVStream& from, AVCodecID codec) {
  auto converter = SubtitleConverter::make(from, codec);
  AVStream* to = avformat_new_stream(format_.get(), nullptr);
  if (!converter || to == nullptr ||
      avcodec_parameters_copy(to->codecpar, &converter->parameters()) < 0) {
    throw Error(ExitCode::bug, describe(from) + " cannot be converted");
  }
  to->time_base = SubtitleConverter::time_base();
  converters_[from.index] = std::move(converter);
}

void Writer::add_attached(const AVStream& from) {
  AVStream* to = avformat_new_stream(format_.get(), nullptr);
  if (to == nullptr) {
    throw std::bad_alloc();
  }
  const AVPacket& picture = from.attached_pic;
  const bool png = from.codecpar->codec_id == AV_CODEC_ID_PNG;
  to->codecpar->codec_type = AVMEDIA_TYPE_ATTACHMENT;
  to->codecpar->codec_id = from.codecpar->codec_id;
  to->codecpar->extradata = static_cast<std::uint8_t*>(
      av_mallocz(static_cast<std::size_t>(picture.size) + AV_INPUT_BUFFER_PADDING_SIZE));
  if (to->codecpar->extradata == nullptr) {
    throw std::bad_alloc();
  }
  std::memcpy(to->codecpar->extradata, picture.data, static_cast<std::size_t>(picture.size));
  to->codecpar->extradata_size = picture.size;
  av_dict_set(&to->metadata, "filename", png ? "cover.png" : "cover.jpg", 0);
  av_dict_set(&to->metadata, "mimetype", png ? "image/png" : "image/jpeg", 0);
}

void Writer::add_copied(const AVStream& from) {
  AVStream* to = avformat_new_stream(format_.get(), nullptr);
  if (to == nullptr || avcodec_parameters_copy(to->codecpar, from.codecpar) < 0) {
    throw std::bad_alloc();
  }
  // The tag is the source container's; it is kept where the new one knows the same codec by it.
  unsigned tag = 0;
  const AVCodecTag* const* tags = format_->oformat->codec_tag;
  if (tags != nullptr &&
      av_codec_get_id(tags, from.codecpar->codec_tag) != from.codecpar->codec_id &&
      av_codec_get_tag2(tags, from.codecpar->codec_id, &tag) != 0) {
    to->codecpar->codec_tag = 0;
  }
  to->time_base = from.time_base;
  to->avg_frame_rate = from.avg_frame_rate;
  to->r_frame_rate = from.r_frame_rate;
  to->sample_aspect_ratio = from.sample_aspect_ratio;
  copy_side_data(*to, from, false);
  if (has_adts(from) && std::string_view(format_->oformat->name) != "mpegts") {
    AVBSFContext* filter = nullptr;
    if (av_bsf_alloc(av_bsf_get_by_name("aac_adtstoasc"), &filter) < 0) {
      throw std::bad_alloc();
    }
    BsfPtr owner(filter);
    avcodec_parameters_copy(filter->par_in, from.codecpar);
    filter->time_base_in = from.time_base;
    check(av_bsf_init(filter), "unwrapping AAC");
    unwrap_[from.index] = std::move(owner);
  }
}

void Writer::add_programs(const AVFormatContext& input) {
  if (std::string_view(format_->oformat->name) != "mpegts") {
    return;
  }
  for (unsigned i = 0; i < input.nb_programs; ++i) {
    const AVProgram& from = *input.programs[i];
    AVProgram* to = av_new_program(format_.get(), from.id);
    if (to == nullptr) {
      throw std::bad_alloc();
    }
    av_dict_copy(&to->metadata, from.metadata, 0);
    for (unsigned k = 0; k < from.nb_stream_indexes; ++k) {
      const int index = target(static_cast<int>(from.stream_index[k]));
      if (index >= 0) {
        av_program_add_stream_index(format_.get(), from.id, static_cast<unsigned>(index));
      }
    }
  }
}

void Writer::copy_tags(const AVFormatContext& input) {
  copy_dictionary(&format_->metadata, input.metadata, false);
}

void Writer::copy_chapters(const AVFormatContext& input) {
  if (input.nb_chapters == 0) {
    return;
  }
  format_->chapters = static_cast<AVChapter**>(av_calloc(input.nb_chapters, sizeof(AVChapter*)));
  if (format_->chapters == nullptr) {
    throw std::bad_alloc();
  }
  for (unsigned i = 0; i < input.nb_chapters; ++i) {
    const AVChapter& from = *input.chapters[i];
    const std::int64_t shift = av_rescale_q(shift_, AV_TIME_BASE_Q, from.time_base);
    if (from.end - shift <= 0) {
      continue;  // before --start
    }
    auto* to = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    if (to == nullptr) {
      throw std::bad_alloc();
    }
    to->id = from.id;
    to->time_base = from.time_base;
    to->start = std::max<std::int64_t>(0, from.start - shift);
    to->end = from.end - shift;
    av_dict_copy(&to->metadata, from.metadata, 0);
    format_->chapters[format_->nb_chapters++] = to;
  }
}

void Writer::write_header(bool free_tags) {
  Dictionary options;
  const std::string_view muxer = format_->oformat->name;
  if (is_mov(muxer)) {
    options.set("movflags", free_tags ? "+faststart+use_metadata_tags" : "+faststart");
    options.set("strict", "experimental");  // what FFmpeg 5 still calls so: FLAC in mp4
  } else if (is_matroska(muxer)) {
    options.set("default_mode", "passthrough");
    format_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;  // the plan's shift sees to it
  } else if (muxer == "mpegts" && shift_ == 0) {
    options.set("mpegts_copyts", "1");
    options.set("muxdelay", "0");
  }
  const int code = avformat_write_header(format_.get(), options.out());
  io_.check();
  if (code < 0) {
    throw Error(ExitCode::bad_input, std::string("the container ") + format_->oformat->name +
                                         " refuses the streams for '" + uri_ + "' (" +
                                         av_error_text(code) + "); use .mkv or another --codec");
  }
}

void Writer::check(int code, const char* what) {
  io_.check();
  if (code < 0) {
    throw Error(ExitCode::bug,
                std::string(what) + " for '" + uri_ + "' failed (" + av_error_text(code) + ")");
  }
}

void Writer::write_video(PacketPtr packet) {
  const std::int64_t dts = packet->dts;
  const std::int64_t shift = av_rescale_q(shift_, AV_TIME_BASE_Q, encoder_base_);
  packet->pts -= shift;
  packet->dts -= shift;
  mux(std::move(packet), painted_, encoder_base_);
  release(static_cast<double>(dts) * av_q2d(encoder_base_));
}

void Writer::write_packet(PacketPtr packet) {
  const int source = packet->stream_index;
  if (target(source) < 0 ||
      format_->streams[target(source)]->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT) {
    return;
  }
  const std::int64_t stamp = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
  const double time =
      stamp == AV_NOPTS_VALUE
          ? -std::numeric_limits<double>::infinity()
          : static_cast<double>(stamp) * av_q2d(bases_[static_cast<std::size_t>(source)]);
  held_bytes_ += static_cast<std::size_t>(packet->size);
  held_.push_back({std::move(packet), time});
  while (held_bytes_ > kMostHeldBytes) {
    release(held_.front().time);
  }
}

void Writer::release(double until) {
  while (!held_.empty() && held_.front().time <= until) {
    PacketPtr packet = std::move(held_.front().packet);
    held_.pop_front();
    held_bytes_ -= static_cast<std::size_t>(packet->size);
    pass_on(std::move(packet));
  }
}

void Writer::pass_on(PacketPtr packet) {
  const int source = packet->stream_index;
  const AVRational base = bases_[static_cast<std::size_t>(source)];
  const std::int64_t shift = av_rescale_q(shift_, AV_TIME_BASE_Q, base);
  const bool cover =
      (format_->streams[target(source)]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  for (std::int64_t* stamp : {&packet->pts, &packet->dts}) {
    if (*stamp != AV_NOPTS_VALUE && !cover) {
      *stamp -= shift;
    }
  }
  const auto converter = converters_.find(source);
  if (converter != converters_.end()) {
    PacketPtr converted = converter->second->convert(*packet, base);
    if (converted) {
      mux(std::move(converted), source, SubtitleConverter::time_base());
    }
    return;
  }
  const auto filter = unwrap_.find(source);
  if (filter != unwrap_.end()) {
    check(av_bsf_send_packet(filter->second.get(), packet.get()), "unwrapping AAC");
    PacketPtr unwrapped = make_packet();
    check(av_bsf_receive_packet(filter->second.get(), unwrapped.get()), "unwrapping AAC");
    packet = std::move(unwrapped);
  }
  mux(std::move(packet), source, base);
}

void Writer::add_codec_delay(AVPacket& packet, const AVStream& to) const {
  // Matroska's muxer declares a codec's delay, which its readers take off every time, but does not
  // add it to what it writes.
  const AVCodecParameters& parameters = *to.codecpar;
  if (!is_matroska(format_->oformat->name) || parameters.initial_padding <= 0 ||
      parameters.sample_rate <= 0) {
    return;
  }
  const std::int64_t delay =
      av_rescale_q(parameters.initial_padding, {1, parameters.sample_rate}, to.time_base);
  for (std::int64_t* stamp : {&packet.pts, &packet.dts}) {
    *stamp += *stamp == AV_NOPTS_VALUE ? 0 : delay;
  }
}

void Writer::mux(PacketPtr packet, int source, AVRational base) {
  AVStream& to = *format_->streams[target(source)];
  if (packet->dts == AV_NOPTS_VALUE) {
    packet->dts = packet->pts;
  }
  if (!is_subtitle_filler(*packet, to.codecpar->codec_id)) {
    tallies_.at(source).add(*packet, base);
  }
  av_packet_rescale_ts(packet.get(), base, to.time_base);
  add_codec_delay(*packet, to);
  // Rounding and careless sources make times that muxers refuse; they move by the least there is.
  const auto last = last_dts_.find(source);
  const bool strictly = (format_->oformat->flags & AVFMT_TS_NONSTRICT) == 0;
  if (last != last_dts_.end() && packet->dts != AV_NOPTS_VALUE) {
    const std::int64_t least = last->second + (strictly ? 1 : 0);
    if (packet->dts < least) {
      packet->dts = least;
      packet->pts = packet->pts == AV_NOPTS_VALUE ? least : std::max(packet->pts, least);
    }
  }
  if (packet->dts != AV_NOPTS_VALUE) {
    last_dts_[source] = packet->dts;
  }
  packet->stream_index = to.index;
  packet->pos = -1;
  const int code = av_interleaved_write_frame(format_.get(), packet.get());
  io_.check();
  if (code < 0) {
    throw Error(ExitCode::bug, "writing a packet of input stream " + std::to_string(source) +
                                   " to '" + uri_ + "' failed (" + av_error_text(code) + ")");
  }
}

void Writer::finish() {
  release(std::numeric_limits<double>::infinity());
  check(av_write_trailer(format_.get()), "writing the index");
  io_.flush();
}

}  // namespace impasto::media
