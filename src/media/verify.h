#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "media/output_plan.h"
#include "media/reader.h"
#include "media/writer.h"
#include "store/store.h"

namespace impasto::media {

/// One stream that was taken over, before and after.
struct StreamCheck {
  int source = -1;
  int target = -1;  ///< In the output as it is read back; -1: not there.
  std::string description;
  std::string fate;  ///< "copied", "unwrapped", "converted", "attached", "rewritten", "dropped".
  std::int64_t packets_in = 0;
  std::int64_t packets_out = 0;
  std::string md5_in;  ///< Of all packets' bytes.
  std::string md5_out;
  double offset_change_ms = 0;  ///< Of its start against the video's, output less input.
  bool equal = false;           ///< Same number of packets, same bytes.
};

/// What the written file holds, read back before it gets its name.
struct Verification {
  std::int64_t frames_in = 0;
  std::int64_t frames_out = 0;
  double largest_time_error_ms = 0;  ///< Of any frame's presentation time.
  double seconds_in = 0;  ///< Of the painted stream, first frame's start to last one's end.
  double seconds_out = 0;
  std::vector<StreamCheck> streams;
  std::vector<std::string> problems;  ///< Sentences; empty when nothing was lost.
};

/// Demuxes the whole of `written` and compares it with what went in. `frame_times`: of the painted
/// frames, in the encoder's time base, in order; `last_duration` in the same.
Verification verify(const std::shared_ptr<store::Source>& written, const OutputPlan& plan,
                    const AVFormatContext& input, Writer& writer,
                    const std::vector<std::int64_t>& frame_times, std::int64_t last_duration);

}  // namespace impasto::media
