#include "job/report.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

namespace impasto::job {
namespace {

using Json = nlohmann::ordered_json;

Json stream_json(const media::StreamCheck& check) {
  Json json;
  json["source"] = check.source;
  json["target"] = check.target;
  json["description"] = check.description;
  json["fate"] = check.fate;
  json["packets_in"] = check.packets_in;
  json["packets_out"] = check.packets_out;
  json["md5_in"] = check.md5_in;
  json["md5_out"] = check.md5_out;
  json["equal"] = check.equal;
  json["offset_change_ms"] = check.offset_change_ms;
  return json;
}

Json report_json(const PaintReport& report) {
  Json json;
  json["input"] = report.input;
  json["output"] = report.output;
  json["style"] = {{"name", report.style}, {"sha256", report.style_sha256}};
  json["source"] = {{"codec", report.video.codec},
                    {"width", report.video.size.width},
                    {"height", report.video.size.height},
                    {"pixel_format", av_get_pix_fmt_name(report.video.format)},
                    {"turned", report.video.turn},
                    {"deinterlaced_frames", report.counts.deinterlaced},
                    {"truncated", report.video.truncated}};
  json["painted"] = {{"width", report.size.width},
                     {"height", report.size.height},
                     {"pixel_format", report.format},
                     {"encoder", report.encoder}};
  json["engine"] = {{"backend", report.painter.backend},
                    {"device", report.painter.device},
                    {"precision", report.painter.precision},
                    {"worked_at", {report.work.width, report.work.height}},
                    {"tile", {report.painter.tile.width, report.painter.tile.height}},
                    {"threads", report.painter.threads}};
  if (report.stretches > 0) {
    json["calibration"] = {{"stretches", report.stretches},
                           {"psnr", report.precision.psnr},
                           {"kept", report.precision.kept}};
  }
  const media::Verification& checked = report.verification;
  json["frames"] = {{"in", checked.frames_in},
                    {"out", checked.frames_out},
                    {"painted_before", report.kept},
                    {"concealed", report.counts.concealed},
                    {"lost", report.counts.undecodable},
                    {"retimed", report.counts.retimed},
                    {"largest_time_error_ms", checked.largest_time_error_ms}};
  json["duration"] = {{"in", checked.seconds_in}, {"out", checked.seconds_out}};
  json["streams"] = Json::array();
  for (const media::StreamCheck& check : checked.streams) {
    json["streams"].push_back(stream_json(check));
  }
  json["seconds"] = report.seconds;
  json["seconds_until_first_frame"] = report.seconds_to_paint;
  json["frames_per_second"] = frames_per_second(report);
  json["losses"] = report.losses;
  json["notes"] = report.notes;
  json["warnings"] = report.warnings;
  json["problems"] = checked.problems;
  return json;
}

/// "2 other streams packet for packet, 1 converted"; empty when there are none.
std::string others(const std::vector<media::StreamCheck>& streams) {
  int equal = 0;
  std::map<std::string, int> rest;
  for (const media::StreamCheck& check : streams) {
    if (check.equal && check.fate != "converted") {
      ++equal;
    } else if (check.fate != "rewritten") {  // chapters, which are there in another way
      ++rest[check.fate == "copied" ? "changed" : check.fate];
    }
  }
  std::string text =
      equal == 0 ? ""
                 : fmt::format("{} other stream{} packet for packet", equal, equal == 1 ? "" : "s");
  for (const auto& [fate, count] : rest) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, fate);
  }
  return text;
}

}  // namespace

double frames_per_second(const PaintReport& report) {
  const std::int64_t painted = report.verification.frames_out - report.kept;
  return report.seconds > 0 ? static_cast<double>(painted) / report.seconds : 0;
}

std::string to_json(const std::vector<PaintReport>& reports) {
  Json json;
  json["program"] = std::string("impasto ") + IMPASTO_VERSION;
  json["files"] = Json::array();
  for (const PaintReport& report : reports) {
    json["files"].push_back(report_json(report));
  }
  // Names from file systems need not be UTF-8; a report must not fail over them.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string summary(const PaintReport& report) {
  const media::Verification& checked = report.verification;
  if (report.still) {
    return fmt::format("{}: painted in {:.1f} s, {} {}, {}", report.output, report.seconds,
                       to_string(report.size), report.format, report.encoder);
  }
  const std::string before =
      report.kept > 0 ? fmt::format(", {} of them before", report.kept) : std::string();
  std::string line =
      fmt::format("{}: {} frames{} in {:.1f} s ({:.1f} frames/s), {} {}, {}", report.output,
                  checked.frames_out, before, report.seconds, frames_per_second(report),
                  to_string(report.size), report.format, report.encoder);
  line += ", painted in " + report.painter.precision;
  if (report.painter.precision == "int8") {
    line += fmt::format(" ({:.0f} dB to float32", report.precision.psnr);
    line += report.precision.kept.empty()
                ? ")"
                : fmt::format(", {} layers kept higher)", report.precision.kept.size());
  }
  const auto other = others(checked.streams);
  return line + (other.empty() ? "" : "; " + other);
}

}  // namespace impasto::job
