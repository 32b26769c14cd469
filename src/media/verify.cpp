#include "media/verify.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "base/error.h"

namespace impasto::media {
namespace {

constexpr double kTolerableMs = 1.0;

/// What is found in the written file.
struct Found {
  std::map<int, PacketTally> tallies;  ///< By output stream.
  std::vector<double> times;           ///< Of the painted stream's packets, sorted, in seconds.
  double end = 0;
};

Found read_back(AVFormatContext& format, int painted) {
  Found found;
  const PacketPtr packet = make_packet();
  while (av_read_frame(&format, packet.get()) >= 0) {
    const AVStream& stream = *format.streams[packet->stream_index];
    if (!is_subtitle_filler(*packet, stream.codecpar->codec_id)) {
      found.tallies.try_emplace(packet->stream_index, packet->stream_index != painted)
          .first->second.add(*packet, stream.time_base);
    }
    if (packet->stream_index == painted && packet->pts != AV_NOPTS_VALUE) {
      found.times.push_back(static_cast<double>(packet->pts) * av_q2d(stream.time_base));
      found.end = std::max(found.end, static_cast<double>(packet->pts + packet->duration) *
                                          av_q2d(stream.time_base));
    }
    av_packet_unref(packet.get());
  }
  std::sort(found.times.begin(), found.times.end());
  // Demuxers leave the duration of reordered packets open; some know that of the stream.
  const AVStream* video = painted >= 0 ? format.streams[painted] : nullptr;
  if (video != nullptr && video->duration != AV_NOPTS_VALUE && !found.times.empty()) {
    found.end = std::max(found.end, found.times.front() + static_cast<double>(video->duration) *
                                                              av_q2d(video->time_base));
  }
  return found;
}

const char* fate_name(const StreamPlan& stream, const Writer& writer) {
  switch (stream.fate) {
    case StreamPlan::Fate::painted:
      return "painted";
    case StreamPlan::Fate::copied:
      return writer.unwrapped(stream.source) ? "unwrapped" : "copied";
    case StreamPlan::Fate::converted:
      return "converted";
    case StreamPlan::Fate::attached:
      return "attached";
    case StreamPlan::Fate::rewritten:
      return "rewritten";
    default:
      return "dropped";
  }
}

/// MPEG-TS has its own wrapping for these; the bytes differ and the content does not.
bool is_wrapped_by_transport(const OutputPlan& plan, AVCodecID codec) {
  return std::string_view(plan.muxer->name) == "mpegts" &&
         (codec == AV_CODEC_ID_AAC || codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC ||
          codec == AV_CODEC_ID_OPUS);
}

void compare_frames(Verification& result, const Found& found, const OutputPlan& plan,
                    const std::vector<std::int64_t>& frame_times, std::int64_t last_duration) {
  const double base = av_q2d(plan.format.time_base);
  result.frames_in = static_cast<std::int64_t>(frame_times.size());
  result.frames_out = static_cast<std::int64_t>(found.times.size());
  if (frame_times.empty() || found.times.empty()) {
    result.problems.emplace_back("the output holds no frames");
    return;
  }
  const double first_in = static_cast<double>(frame_times.front()) * base;
  result.seconds_in = static_cast<double>(frame_times.back() + last_duration) * base - first_in;
  result.seconds_out = found.end - found.times.front();
  if (result.frames_in != result.frames_out) {
    result.problems.push_back(std::to_string(result.frames_in) + " frames went in and " +
                              std::to_string(result.frames_out) + " came out");
    return;
  }
  // Containers may start their clock elsewhere (for all streams alike, which `offset_change_ms`
  // checks); against the first frame every frame has to stand where it stood.
  for (std::size_t i = 0; i < frame_times.size(); ++i) {
    const double in = static_cast<double>(frame_times[i]) * base - first_in;
    const double out = found.times[i] - found.times.front();
    result.largest_time_error_ms =
        std::max(result.largest_time_error_ms, std::abs(out - in) * 1000.0);
  }
  if (result.largest_time_error_ms > kTolerableMs) {
    result.problems.push_back("a frame stands " + std::to_string(result.largest_time_error_ms) +
                              " ms beside its time");
  }
}

void compare_stream(StreamCheck& check, const OutputPlan& plan, const AVStream& from,
                    PacketTally& in, PacketTally* out, double video_shift,
                    std::vector<std::string>& problems) {
  check.packets_in = in.packets();
  check.md5_in = in.md5();
  if (out == nullptr) {
    check.equal = in.packets() == 0;
  } else {
    check.packets_out = out->packets();
    check.md5_out = out->md5();
    check.equal = check.packets_in == check.packets_out && check.md5_in == check.md5_out;
  }
  const bool timed = out != nullptr && in.packets() > 0 && out->packets() > 0 &&
                     (from.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
  if (timed) {
    check.offset_change_ms = ((out->first_time() - in.first_time()) - video_shift) * 1000.0;
    if (std::abs(check.offset_change_ms) > kTolerableMs) {
      problems.push_back(check.description + " starts " + std::to_string(check.offset_change_ms) +
                         " ms later against the video than in the source");
    }
  }
  if (!check.equal) {
    if (is_wrapped_by_transport(plan, from.codecpar->codec_id)) {
      check.fate = "rewrapped";
    } else {
      problems.push_back(check.description + ": " + std::to_string(check.packets_in) +
                         " packets went in, " + std::to_string(check.packets_out) +
                         " came out, or their bytes differ");
    }
  }
}

/// A file inside the container: a font, or a cover that became one.
bool is_whole_file(const AVStream& from, const StreamPlan& stream) {
  return stream.fate == StreamPlan::Fate::attached ||
         (from.codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT &&
          stream.fate == StreamPlan::Fate::copied);
}

std::string_view file_of(const AVStream& stream) {
  const bool cover = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  const std::uint8_t* data = cover ? stream.attached_pic.data : stream.codecpar->extradata;
  const int size = cover ? stream.attached_pic.size : stream.codecpar->extradata_size;
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(std::max(0, size))};
}

void compare_file(StreamCheck& check, const AVStream& from, const AVFormatContext& output,
                  std::vector<std::string>& problems) {
  const std::string_view file = file_of(from);
  for (unsigned i = 0; i < output.nb_streams && !check.equal; ++i) {
    const AVStream& to = *output.streams[i];
    const bool holds_a_file = to.codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT ||
                              (to.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (holds_a_file && file_of(to) == file) {
      check.equal = true;
      check.target = static_cast<int>(i);
    }
  }
  if (!check.equal) {
    problems.push_back(check.description + " did not come back as it went in");
  }
}

}  // namespace

Verification verify(const std::shared_ptr<store::Source>& written, const OutputPlan& plan,
                    const AVFormatContext& input, Writer& writer,
                    const std::vector<std::int64_t>& frame_times, std::int64_t last_duration) {
  Verification result;
  ReadIo io(written);
  const InputFormatPtr output = open_input(io);
  // Packets only get their durations from what probing finds.
  if (!output || avformat_find_stream_info(output.get(), nullptr) < 0) {
    result.problems.emplace_back("the written file cannot be read back");
    return result;
  }
  const std::vector<const AVStream*> matched = match_streams(plan, input, *output);
  int painted = -1;
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    if (plan.streams[i].fate == StreamPlan::Fate::painted && matched[i] != nullptr) {
      painted = matched[i]->index;
    }
  }
  Found found = read_back(*output, painted);
  io.check();
  compare_frames(result, found, plan, frame_times, last_duration);

  // Tallies hold times with the plan's shift already taken off.
  const double shift = static_cast<double>(plan.shift) / AV_TIME_BASE;
  const double video_in =
      frame_times.empty()
          ? 0.0
          : static_cast<double>(frame_times.front()) * av_q2d(plan.format.time_base) - shift;
  const double video_shift = found.times.empty() ? 0.0 : found.times.front() - video_in;
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    const StreamPlan& stream = plan.streams[i];
    if (stream.fate == StreamPlan::Fate::painted) {
      continue;
    }
    StreamCheck check;
    check.source = stream.source;
    check.target = matched[i] != nullptr ? matched[i]->index : -1;
    check.description = stream.description;
    check.fate = fate_name(stream, writer);
    const AVStream& from = *input.streams[stream.source];
    const auto in = writer.tallies().find(stream.source);
    const auto out = found.tallies.find(check.target);
    const bool packets =
        stream.fate == StreamPlan::Fate::copied || stream.fate == StreamPlan::Fate::converted;
    if (is_whole_file(from, stream)) {
      compare_file(check, from, *output, result.problems);
    } else if (packets && in != writer.tallies().end()) {
      compare_stream(check, plan, from, in->second,
                     out != found.tallies.end() ? &out->second : nullptr, video_shift,
                     result.problems);
    }
    result.streams.push_back(std::move(check));
  }
  return result;
}

}  // namespace impasto::media
