#include "media/rehearsal.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "media/memory_sink.h"
#include "media/writer.h"

namespace impasto::media {
namespace {

using Packets = std::map<int, PacketPtr>;

/// How far the input is read for first packets; later ones are taken on trust.
constexpr int kMostPackets = 4000;
constexpr std::uint64_t kMostBytes = 32U << 20;

bool is_wanted(const StreamPlan& stream) {
  return stream.fate == StreamPlan::Fate::copied || stream.fate == StreamPlan::Fate::converted;
}

/// The first packet of every stream that is taken over, as far as it comes soon.
Packets first_packets(const OutputPlan& plan, const std::shared_ptr<store::Source>& source) {
  ReadIo io(source);
  const InputFormatPtr format = open_input(io);
  if (!format || avformat_find_stream_info(format.get(), nullptr) < 0) {
    return {};
  }
  std::set<int> missing;
  for (const StreamPlan& stream : plan.streams) {
    if (is_wanted(stream)) {
      missing.insert(stream.source);
    }
  }
  Packets packets;
  std::uint64_t bytes = 0;
  for (int i = 0; i < kMostPackets && bytes < kMostBytes && !missing.empty(); ++i) {
    PacketPtr packet = make_packet();
    if (av_read_frame(format.get(), packet.get()) < 0) {
      break;
    }
    bytes += static_cast<std::uint64_t>(packet->size);
    const AVCodecID codec = format->streams[packet->stream_index]->codecpar->codec_id;
    if (!is_subtitle_filler(*packet, codec) && missing.erase(packet->stream_index) > 0) {
      packets[packet->stream_index] = std::move(packet);
    }
  }
  return packets;
}

std::vector<PacketPtr> encode_one(const OutputPlan& plan, const AVFrame& frame,
                                  std::unique_ptr<Encoder>& encoder) {
  EncodeOptions options = plan.encode;
  options.threads = 1;
  encoder = std::make_unique<Encoder>(options, plan.format,
                                      (plan.muxer->flags & AVFMT_GLOBALHEADER) != 0);
  encoder->send(&frame);
  encoder->send(nullptr);
  std::vector<PacketPtr> packets;
  while (PacketPtr packet = encoder->receive()) {
    packets.push_back(std::move(packet));
  }
  return packets;
}

/// One trial of a plan; the muxer's complaint, or nothing and the bytes in `sink`.
class Trial {
 public:
  Trial(const Reader& reader, const AVCodecContext& encoder, const std::vector<PacketPtr>& video,
        const Packets& others)
      : reader_(reader), encoder_(encoder), video_(video), others_(others) {}

  [[nodiscard]] std::optional<std::string> run(const OutputPlan& plan, MemorySink& sink) const {
    try {
      Writer writer(sink, plan, reader_.format(), encoder_);
      for (const PacketPtr& packet : video_) {
        writer.write_video(share(*packet));
      }
      for (const auto& [source, packet] : others_) {
        writer.write_packet(share(*packet));
      }
      writer.finish();
      return std::nullopt;
    } catch (const Error& error) {
      return error.what();
    }
  }

 private:
  const Reader& reader_;
  const AVCodecContext& encoder_;
  const std::vector<PacketPtr>& video_;
  const Packets& others_;
};

/// The plan with every stream but the painted one and `kept` left out.
OutputPlan alone(const OutputPlan& plan, int kept) {
  OutputPlan result = plan;
  for (StreamPlan& stream : result.streams) {
    if (stream.fate != StreamPlan::Fate::painted && stream.source != kept) {
      stream.fate = StreamPlan::Fate::dropped;
    }
  }
  return result;
}

std::string extension_name(const OutputPlan& plan) { return plan.muxer->name; }

void drop(OutputPlan& plan, StreamPlan& stream) {
  stream.fate = StreamPlan::Fate::dropped;
  plan.losses.push_back(stream.description + " cannot be held by " + extension_name(plan));
}

/// Finds the streams that the container refuses, one by one.
void sort_out(OutputPlan& plan, const Trial& trial, const AVFormatContext& input) {
  for (StreamPlan& stream : plan.streams) {
    if (!is_wanted(stream)) {
      continue;
    }
    MemorySink sink("rehearsal");
    if (!trial.run(alone(plan, stream.source), sink)) {
      continue;
    }
    const AVCodecID text = text_codec_of(plan.muxer->name);
    const AVStream& from = *input.streams[stream.source];
    if (text != AV_CODEC_ID_NONE && SubtitleConverter::make(from, text) != nullptr) {
      stream.fate = StreamPlan::Fate::converted;
      stream.subtitle_codec = text;
      MemorySink converted("rehearsal");
      if (!trial.run(alone(plan, stream.source), converted)) {
        plan.notes.push_back(stream.description + " is converted to " + avcodec_get_name(text) +
                             ", since " + extension_name(plan) + " cannot hold it as it is");
        continue;
      }
    }
    drop(plan, stream);
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Tags that the muxer writes itself or that mean nothing outside their file.
bool is_own_business(const std::string& key) {
  constexpr std::array<std::string_view, 9> kKeys = {
      "encoder",          "major_brand", "minor_version", "compatible_brands", "vendor_id",
      "_statistics_tags", "duration",    "filename",      "mimetype"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end() || key.starts_with("bps") ||
         key.starts_with("encoder-") || key.starts_with("number_of_") ||
         key.starts_with("duration-") || key.starts_with("_statistics_");
}

/// `of_file`: tags that hold for all streams; one that says the same there is not lost.
void compare_tags(const AVDictionary* before, const AVDictionary* after,
                  const AVDictionary* of_file, const std::string& whose,
                  std::vector<std::string>& losses) {
  std::set<std::string> found;
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(after, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    found.insert(lower(entry->key));
  }
  std::string lost;
  int count = 0;
  entry = nullptr;
  while ((entry = av_dict_get(before, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    const std::string key = lower(entry->key);
    const std::string value = entry->value;
    const bool unsaid = value.empty() || (key == "language" && value == "und");
    const AVDictionaryEntry* above = av_dict_get(of_file, entry->key, nullptr, 0);
    const bool said_above = above != nullptr && value == above->value;
    if (!unsaid && !said_above && !is_own_business(key) && found.count(key) == 0) {
      lost += (count > 0 ? ", '" : "'") + std::string(entry->key) + "'";
      ++count;
    }
  }
  if (count > 0) {
    losses.push_back((count > 1 ? "the tags " : "the tag ") + lost + " of " + whose);
  }
}

void compare_disposition(const AVStream& before, const AVStream& after, const std::string& whose,
                         std::vector<std::string>& losses) {
  // A cover is told by where it stands, and players choose a default where none is set.
  const int lost = before.disposition & ~after.disposition & ~AV_DISPOSITION_ATTACHED_PIC;
  for (int bit = 0; bit < 31; ++bit) {
    const int flag = lost & (1 << bit);
    const char* name = flag != 0 ? av_disposition_to_string(flag) : nullptr;
    if (name != nullptr) {
      losses.push_back("the disposition '" + std::string(name) + "' of " + whose);
    }
  }
}

/// What of the input does not come back out of the rehearsed file.
std::vector<std::string> compare(const OutputPlan& plan, const AVFormatContext& before,
                                 MemorySink& sink) {
  std::vector<std::string> losses;
  ReadIo io(sink.reread());
  const InputFormatPtr after = open_input(io);
  if (!after) {
    return {"anything, it seems: the rehearsed file cannot be read back"};
  }
  compare_tags(before.metadata, after->metadata, nullptr, "the file", losses);
  const std::vector<const AVStream*> matched = match_streams(plan, before, *after);
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    const StreamPlan& stream = plan.streams[i];
    const AVStream& from = *before.streams[stream.source];
    if (matched[i] != nullptr) {
      compare_tags(from.metadata, matched[i]->metadata, after->metadata, stream.description,
                   losses);
      compare_disposition(from, *matched[i], stream.description, losses);
    } else if (is_wanted(stream)) {
      losses.push_back(stream.description);
    }
  }
  if (before.nb_chapters > 0 && after->nb_chapters == 0) {
    losses.push_back("the " + std::to_string(before.nb_chapters) + " chapters");
  }
  return losses;
}

/// Streams whose packet went in and did not come out (a cover in a .mov, say).
std::vector<std::size_t> vanished(const OutputPlan& plan, const AVFormatContext& before,
                                  const Packets& others, MemorySink& sink) {
  ReadIo io(sink.reread());
  const InputFormatPtr after = open_input(io);
  std::set<int> seen;
  const PacketPtr packet = make_packet();
  while (after && av_read_frame(after.get(), packet.get()) >= 0) {
    seen.insert(packet->stream_index);
    av_packet_unref(packet.get());
  }
  std::vector<std::size_t> result;
  if (!after) {
    return result;
  }
  const std::vector<const AVStream*> matched = match_streams(plan, before, *after);
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    const bool came = matched[i] != nullptr && seen.count(matched[i]->index) > 0;
    if (is_wanted(plan.streams[i]) && others.count(plan.streams[i].source) > 0 && !came) {
      result.push_back(i);
    }
  }
  return result;
}

/// Some containers take a codec that nobody can read out of them again.
void require_painted_stream(const OutputPlan& plan, const AVFormatContext& before,
                            MemorySink& sink) {
  ReadIo io(sink.reread());
  const InputFormatPtr after = open_input(io);
  const AVCodecID wanted = codec_id(plan.encode.codec);
  if (after && avformat_find_stream_info(after.get(), nullptr) >= 0) {
    const std::vector<const AVStream*> matched = match_streams(plan, before, *after);
    for (std::size_t i = 0; i < plan.streams.size(); ++i) {
      if (plan.streams[i].fate == StreamPlan::Fate::painted && matched[i] != nullptr &&
          matched[i]->codecpar->codec_id == wanted) {
        return;
      }
    }
  }
  throw Error(ExitCode::usage, extension_name(plan) + " cannot hold " + plan.encode.codec +
                                   " so that it can be read again; use .mkv or another --codec");
}

/// Settles what becomes of every stream; the bytes of the last trial in `sink`.
void settle_streams(OutputPlan& plan, const Trial& trial, const AVFormatContext& input,
                    const Packets& others, MemorySink& sink) {
  if (trial.run(plan, sink)) {
    MemorySink bare("rehearsal");
    if (const auto complaint = trial.run(alone(plan, -1), bare)) {
      throw Error(ExitCode::bad_input, *complaint);
    }
    sort_out(plan, trial, input);
    sink.clear();
    if (const auto complaint = trial.run(plan, sink)) {
      throw Error(ExitCode::bad_input, *complaint);
    }
  }
  const std::vector<std::size_t> gone = vanished(plan, input, others, sink);
  if (gone.empty()) {
    return;
  }
  for (const std::size_t i : gone) {
    drop(plan, plan.streams[i]);
  }
  sink.clear();
  if (const auto complaint = trial.run(plan, sink)) {
    throw Error(ExitCode::bad_input, *complaint);
  }
}

/// Tags of any name, where QuickTime containers need them.
void choose_tag_form(OutputPlan& plan, const Trial& trial, const AVFormatContext& input,
                     std::vector<std::string>& lost) {
  const std::string_view muxer = plan.muxer->name;
  if (lost.empty() || (muxer != "mp4" && muxer != "mov" && muxer != "ipod")) {
    return;
  }
  OutputPlan free = plan;
  free.free_tags = true;
  MemorySink sink("rehearsal");
  if (trial.run(free, sink)) {
    return;
  }
  std::vector<std::string> still_lost = compare(free, input, sink);
  if (still_lost.size() < lost.size()) {
    plan.free_tags = true;
    lost = std::move(still_lost);
  }
}

/// Matroska has no times before zero, except that it takes a codec's own delay off. Whatever begins
/// earlier moves the whole file, so that nothing moves against anything else.
void avoid_negative_times(OutputPlan& plan, const AVFormatContext& input,
                          const AVFrame& first_frame, const Packets& others) {
  const std::string_view muxer = plan.muxer->name;
  if (muxer != "matroska" && muxer != "webm") {
    return;
  }
  std::int64_t earliest =
      av_rescale_q(first_frame.pts, plan.format.time_base, AV_TIME_BASE_Q) - plan.shift;
  for (const auto& [source, packet] : others) {
    const AVStream& stream = *input.streams[source];
    if (packet->pts == AV_NOPTS_VALUE || (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
      continue;
    }
    std::int64_t time = av_rescale_q(packet->pts, stream.time_base, AV_TIME_BASE_Q) - plan.shift;
    if (stream.codecpar->sample_rate > 0) {
      time +=
          av_rescale(stream.codecpar->initial_padding, AV_TIME_BASE, stream.codecpar->sample_rate);
    }
    earliest = std::min(earliest, time);
  }
  // A stray millisecond is the container's own rounding.
  if (earliest < -1000) {
    plan.shift += earliest;
  }
}

}  // namespace

void rehearse(OutputPlan& plan, const Reader& reader, const AVFrame& first_frame,
              const std::shared_ptr<store::Source>& input) {
  std::unique_ptr<Encoder> encoder;
  const std::vector<PacketPtr> video = encode_one(plan, first_frame, encoder);
  const Packets others = first_packets(plan, input);
  const Trial trial(reader, encoder->context(), video, others);
  if (reader.start_offset() == 0) {
    avoid_negative_times(plan, reader.format(), first_frame, others);
  }
  MemorySink sink("rehearsal");
  settle_streams(plan, trial, reader.format(), others, sink);
  require_painted_stream(plan, reader.format(), sink);
  std::vector<std::string> lost = compare(plan, reader.format(), sink);
  choose_tag_form(plan, trial, reader.format(), lost);
  for (const std::string& what : lost) {
    plan.losses.push_back(what + " cannot be held by " + extension_name(plan));
  }
}

}  // namespace impasto::media
