#include "media/output_plan.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "base/error.h"
#include "media/planar.h"

namespace impasto::media {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string result;
  for (const std::string& word : words) {
    result += (result.empty() ? "." : ", .") + word;
  }
  return result;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string default_codec(const std::string& extension) {
  return extension == "webm" ? "vp9" : "h264";
}

const AVOutputFormat& choose_muxer(const std::string& uri) {
  const std::string extension = extension_of(uri);
  const AVOutputFormat* muxer = contains(video_extensions(), extension)
                                    ? av_guess_format(nullptr, uri.c_str(), nullptr)
                                    : nullptr;
  if (muxer == nullptr) {
    throw Error(ExitCode::usage,
                "'" + uri +
                    "' names no container that holds every stream and every frame's time; "
                    "end the output's name in " +
                    joined(video_extensions()) + " (or, for one picture, " +
                    joined(still_extensions()) + ")");
  }
  return *muxer;
}

void require_codec_fits(const AVOutputFormat& muxer, const std::string& codec,
                        const std::string& uri) {
  if (avformat_query_codec(&muxer, codec_id(codec), FF_COMPLIANCE_NORMAL) == 0) {
    throw Error(ExitCode::usage, "." + extension_of(uri) + " cannot hold " + codec +
                                     "; use .mkv, or --codec " + default_codec(extension_of(uri)));
  }
}

bool is_matroska(const AVOutputFormat& muxer) { return std::string(muxer.name) == "matroska"; }

bool is_chapter_track(const AVFormatContext& input, const AVStream& stream) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_DATA &&
         stream.codecpar->codec_id == AV_CODEC_ID_BIN_DATA && input.nb_chapters > 0 &&
         stream.codecpar->codec_tag == MKTAG('t', 'e', 'x', 't');
}

StreamPlan plan_stream(const AVFormatContext& input, int index, int painted,
                       const AVOutputFormat& muxer) {
  const AVStream& stream = *input.streams[index];
  StreamPlan plan;
  plan.source = index;
  plan.description = describe(stream);
  if (index == painted) {
    plan.fate = StreamPlan::Fate::painted;
  } else if (is_chapter_track(input, stream)) {
    plan.fate = StreamPlan::Fate::rewritten;
  } else if ((stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0 && is_matroska(muxer)) {
    plan.fate = StreamPlan::Fate::attached;
  }
  return plan;
}

/// Pixel format, size, aspect and colour of what the encoder gets.
void plan_picture(const Reader& reader, Size painted_size, OutputPlan& plan) {
  const VideoInfo& video = reader.video();
  EncodeFormat& format = plan.format;
  format.format = encode_format_for(plan.encode.codec, video.format);
  plan.work_format = planar_equivalent(format.format);
  const bool resized = painted_size.width > 0 && painted_size != video.size;
  const Size size = resized ? painted_size : video.size;
  const Size even = needs_even_size(plan.encode.codec) ? even_for(plan.work_format, size) : size;
  if (even != size && resized) {
    throw Error(ExitCode::usage, "--size " + to_string(size) + " is odd, which " +
                                     plan.encode.codec + " cannot hold; use " + to_string(even));
  }
  if (even != size) {
    plan.notes.push_back(plan.encode.codec + " cannot hold the odd size " + to_string(size) +
                         ": one more line or column is painted at the edge (" + to_string(even) +
                         "), nothing is shifted or scaled");
  }
  format.size = even;
  format.sample_aspect = video.sample_aspect;
  if (resized && video.sample_aspect.num > 0) {
    // The shown shape stays: each pixel stretches by as much as the grid was squeezed.
    av_reduce(&format.sample_aspect.num, &format.sample_aspect.den,
              static_cast<std::int64_t>(video.sample_aspect.num) * video.size.width * size.height,
              static_cast<std::int64_t>(video.sample_aspect.den) * video.size.height * size.width,
              1 << 16);
  } else if (resized) {
    av_reduce(&format.sample_aspect.num, &format.sample_aspect.den,
              static_cast<std::int64_t>(video.size.width) * size.height,
              static_cast<std::int64_t>(video.size.height) * size.width, 1 << 16);
  }
  format.time_base = video.time_base;
  format.frame_rate = video.frame_rate;
}

void plan_colour(const Reader& reader, OutputPlan& plan) {
  const VideoInfo& video = reader.video();
  const Colour tagged = colour_of(reader.first_frame());
  Colour& colour = plan.format.colour;
  colour = tagged;
  const auto is_rgb = [](AVPixelFormat format) {
    return (av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_RGB) != 0;
  };
  const bool from_rgb =
      is_rgb(video.format) || av_pix_fmt_desc_get(video.format)->nb_components <= 2;
  if (plan.encode.codec == "jpeg" || plan.encode.codec == "webp") {
    colour.range = plan.encode.codec == "jpeg" ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    colour.matrix = is_rgb(plan.work_format) ? AVCOL_SPC_RGB : AVCOL_SPC_BT470BG;
    colour.chroma_location = AVCHROMA_LOC_CENTER;
  } else if (is_rgb(plan.work_format)) {
    colour.matrix = AVCOL_SPC_RGB;
    colour.range = AVCOL_RANGE_JPEG;
  } else if (from_rgb) {
    colour = {AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, AVCOL_PRI_BT709, AVCOL_TRC_BT709,
              AVCHROMA_LOC_LEFT};
  } else if (plan.format.size != even_for(plan.work_format, video.size) &&
             plan.format.size != video.size) {
    // Players guess an untagged matrix from the size, and the size has changed.
    colour.matrix = resolved(tagged, video.format, video.size).matrix;
  }
}

void note_format_changes(const VideoInfo& video, OutputPlan& plan) {
  const AVPixFmtDescriptor& from = *av_pix_fmt_desc_get(video.format);
  const AVPixFmtDescriptor& to = *av_pix_fmt_desc_get(plan.work_format);
  if (to.comp[0].depth < from.comp[0].depth) {
    plan.losses.push_back(plan.encode.codec + " holds " + std::to_string(to.comp[0].depth) +
                          " bits a colour here, the source has " +
                          std::to_string(from.comp[0].depth));
  }
  if ((from.flags & AV_PIX_FMT_FLAG_ALPHA) != 0 && (to.flags & AV_PIX_FMT_FLAG_ALPHA) == 0) {
    plan.losses.push_back("the transparency (alpha) cannot be held by " + plan.encode.codec);
  }
  if (!video.turn.empty()) {
    plan.notes.emplace_back("stored turned: painted and written upright");
  }
  if (video.interlaced) {
    plan.notes.emplace_back("interlaced: deinterlaced (bwdif, one frame for each frame)");
  }
  if (video.truncated) {
    plan.notes.emplace_back(
        "the file was cut off: its index points past its end; what is there is painted");
  }
}

}  // namespace

const std::vector<std::string>& video_extensions() {
  static const std::vector<std::string> kExtensions = {"mp4",  "m4v", "mov", "mkv",
                                                       "webm", "ts",  "mts", "m2ts"};
  return kExtensions;
}

const std::vector<std::string>& still_extensions() {
  static const std::vector<std::string> kExtensions = {"png", "jpg", "jpeg", "webp"};
  return kExtensions;
}

std::string extension_of(const std::string& uri) {
  const std::size_t slash = uri.rfind('/');
  const std::size_t dot = uri.rfind('.');
  if (dot == std::string::npos || (slash != std::string::npos && dot < slash)) {
    return "";
  }
  std::string extension = uri.substr(dot + 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

bool is_still_output(const std::string& uri) {
  return contains(still_extensions(), extension_of(uri));
}

std::vector<const AVStream*> match_streams(const OutputPlan& plan, const AVFormatContext& input,
                                           const AVFormatContext& output) {
  std::map<AVMediaType, std::vector<const AVStream*>> by_kind;
  for (unsigned i = 0; i < output.nb_streams; ++i) {
    by_kind[output.streams[i]->codecpar->codec_type].push_back(output.streams[i]);
  }
  std::map<AVMediaType, std::size_t> next;
  std::vector<const AVStream*> matched;
  for (const StreamPlan& stream : plan.streams) {
    const bool written = stream.fate == StreamPlan::Fate::painted ||
                         stream.fate == StreamPlan::Fate::copied ||
                         stream.fate == StreamPlan::Fate::converted;
    const AVMediaType kind = input.streams[stream.source]->codecpar->codec_type;
    const std::vector<const AVStream*>& same_kind = by_kind[kind];
    const std::size_t index = written ? next[kind]++ : same_kind.size();
    matched.push_back(index < same_kind.size() ? same_kind[index] : nullptr);
  }
  return matched;
}

std::string describe(const AVStream& stream) {
  const char* type = av_get_media_type_string(stream.codecpar->codec_type);
  std::string text = std::string(type != nullptr ? type : "unknown") + " stream " +
                     std::to_string(stream.index) + " (" +
                     avcodec_get_name(stream.codecpar->codec_id);
  const AVDictionaryEntry* language = av_dict_get(stream.metadata, "language", nullptr, 0);
  if (language != nullptr) {
    text += std::string(", ") + language->value;
  }
  return text + ")";
}

OutputPlan plan_output(const Reader& reader, const std::string& output_uri,
                       const EncodeOptions& options, Size painted_size) {
  OutputPlan plan;
  plan.encode = options;
  const std::string extension = extension_of(output_uri);
  if (is_still_output(output_uri)) {
    plan.encode.codec = extension == "jpg" ? "jpeg" : extension;
    if (!options.codec.empty() && options.codec != plan.encode.codec) {
      throw Error(ExitCode::usage, "'" + output_uri + "' is a picture; leave --codec out");
    }
    plan_picture(reader, painted_size, plan);
    plan_colour(reader, plan);
    note_format_changes(reader.video(), plan);
    return plan;
  }
  plan.muxer = &choose_muxer(output_uri);
  if (plan.encode.codec.empty()) {
    plan.encode.codec = default_codec(extension);
  }
  require_codec_fits(*plan.muxer, plan.encode.codec, output_uri);
  plan_picture(reader, painted_size, plan);
  plan_colour(reader, plan);
  note_format_changes(reader.video(), plan);

  const AVFormatContext& input = reader.format();
  const auto starts_anywhere = [](int flags) { return (flags & AVFMT_TS_DISCONT) != 0; };
  const bool transport = std::string(plan.muxer->name) == "mpegts";
  if (reader.start_offset() != 0) {
    plan.shift = reader.start_offset();
  } else if (starts_anywhere(input.iformat->flags) && !transport &&
             input.start_time != AV_NOPTS_VALUE) {
    plan.shift = input.start_time;  // a broadcast's clock; files begin at zero
  }
  int videos = 0;
  for (unsigned i = 0; i < input.nb_streams; ++i) {
    plan.streams.push_back(
        plan_stream(input, static_cast<int>(i), reader.video().stream_index, *plan.muxer));
    const AVStream& stream = *input.streams[i];
    const bool cover = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    videos += stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !cover ? 1 : 0;
  }
  if (videos > 1) {
    plan.notes.push_back("of " + std::to_string(videos) + " video streams stream " +
                         std::to_string(reader.video().stream_index) +
                         " is painted, the others are copied as they are");
  }
  return plan;
}

}  // namespace impasto::media
