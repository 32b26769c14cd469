#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/size.h"
#include "media/av.h"
#include "media/av_io.h"
#include "media/planar.h"
#include "media/upright.h"
#include "store/store.h"

namespace impasto::media {

/// A position in a video, from its beginning.
using Seconds = std::chrono::duration<double>;

/// Frames from one pts up to another's, which is left out, in the video's time base.
struct FrameRange {
  std::int64_t from = 0;
  std::int64_t until = 0;
  std::int64_t seek = 0;  ///< Where decoding begins, at most `from`; if that fails, farther back.
};

struct ReaderOptions {
  std::optional<Seconds> start;     ///< Frames and packets before it are left out.
  std::optional<Seconds> duration;  ///< ... and those from start + duration on.
  std::optional<FrameRange> range;  ///< Instead of both, where frames are known.
  int threads = 0;                  ///< Decoder threads; 0: one a core.
  bool frames_only = false;         ///< Leave the other streams' packets out.
  bool undecoded = false;           ///< After the first frame, give the video's packets instead.
  bool refuse_damage = false;       ///< Give no frame that is not whole: it counts as undecodable.
};

/// What is known of the video stream once its first frame has been decoded.
struct VideoInfo {
  int stream_index = -1;
  std::string codec;           ///< "h264"
  Size size;                   ///< Upright, in pixels.
  AVPixelFormat format{};      ///< Planar.
  AVRational sample_aspect{};  ///< Upright; 0/1 when unknown.
  AVRational time_base{};
  AVRational frame_rate{};  ///< Average or nominal; 0/1 when unknown.
  std::int64_t frames = 0;  ///< As the container says, 0 when it does not.
  Seconds duration{};       ///< 0 when unknown.
  std::string turn;         ///< What was done to stand upright, as filters; empty: nothing.
  bool interlaced = false;  ///< Deinterlaced while reading.
  bool still = false;       ///< A picture, not a video.
  bool truncated = false;   ///< The index points past the end of the file.
};

/// What happened while reading.
struct ReadCounts {
  std::int64_t packets = 0;      ///< Of the video stream.
  std::int64_t frames = 0;       ///< Given out.
  std::int64_t concealed = 0;    ///< Given out, but the decoder had to guess parts of them.
  std::int64_t undecodable = 0;  ///< Packets that gave no frame.
  std::int64_t retimed = 0;      ///< Frames whose time was missing or not after the one before.
  std::int64_t deinterlaced = 0;
  double missing_seconds = 0;  ///< What the header promises and the file no longer holds.
};

/// A video frame, upright, progressive and planar; pts and pkt_duration in the video's time base,
/// pts strictly increasing; colour as tagged. Or a packet of another stream, as the demuxer gave
/// it, or of the video where it is not decoded. Or nothing: the end.
using ReadItem = std::variant<std::monostate, FramePtr, PacketPtr>;

/// Demuxes and decodes one input. Not thread-safe.
class Reader {
 public:
  /// Opens the object and decodes the first frame. Throws Error(bad_input) with a sentence when it
  /// is no media file, has no video, is cut off before its index or holds no frame.
  Reader(std::shared_ptr<store::Source> source, const ReaderOptions& options);

  [[nodiscard]] const VideoInfo& video() const { return video_; }
  [[nodiscard]] const AVFrame& first_frame() const { return *first_frame_; }
  [[nodiscard]] const ReadCounts& counts() const { return counts_; }
  /// For those who write what was read: streams, tags, chapters.
  [[nodiscard]] const AVFormatContext& format() const { return *format_; }
  /// In AV_TIME_BASE units, what `start` came to on the input's own clock; 0 without one.
  [[nodiscard]] std::int64_t start_offset() const { return start_offset_; }

  ReadItem next();

 private:
  void open();
  void choose_video();
  void open_decoder();
  void describe();
  void find_first_frame();
  void seek_to(std::int64_t time, std::int64_t origin, bool seeking);
  [[nodiscard]] bool is_in_time(std::int64_t pts) const;
  void seek(std::int64_t time);
  void reopen();
  void forget_what_was_read();
  bool demux_one();
  void decode(const AVPacket* packet);
  void receive_frames();
  void accept(FramePtr frame);
  void take_upright();
  bool give_out(FramePtr frame);
  [[nodiscard]] std::int64_t nominal_step() const;
  void set_up_upright(const AVFrame& frame);
  void keep_packet(PacketPtr packet);
  void note_end(std::int64_t end, AVRational base);
  void measure_missing_end();
  [[nodiscard]] bool before_start(std::int64_t time, AVRational base) const;
  [[nodiscard]] bool past_end(std::int64_t time, AVRational base) const;
  /// So far that nothing of the chosen part can follow, however streams are interleaved.
  [[nodiscard]] bool far_past_end(std::int64_t time, AVRational base) const;

  ReaderOptions options_;
  ReadIo io_;
  InputFormatPtr format_;
  CodecContextPtr decoder_;
  AVStream* stream_ = nullptr;
  std::unique_ptr<Upright> upright_;
  VideoInfo video_;
  ReadCounts counts_;
  FramePtr first_frame_;
  std::int64_t start_offset_ = 0;
  std::int64_t end_offset_ = INT64_MAX;
  std::int64_t first_decoded_ = AV_NOPTS_VALUE;
  std::int64_t last_pts_ = AV_NOPTS_VALUE;
  std::map<std::int64_t, std::int64_t> durations_;  ///< Of frames inside the filters, by pts.
  std::deque<ReadItem> ready_;
  std::int64_t last_end_ = INT64_MIN;  ///< Of any packet or frame, in AV_TIME_BASE units.
  bool video_done_ = false;
  bool input_done_ = false;
};

}  // namespace impasto::media
