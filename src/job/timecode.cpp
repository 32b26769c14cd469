#include "job/timecode.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/error.h"

namespace impasto::job {

media::Seconds parse_time(const std::string& text) {
  double seconds = 0;
  std::size_t begin = 0;
  for (int parts = 0; parts < 3; ++parts) {
    const std::size_t colon = text.find(':', begin);
    const std::size_t end = colon == std::string::npos ? text.size() : colon;
    double value = 0;
    const auto [rest, code] =
        std::from_chars(text.data() + begin, text.data() + end, value, std::chars_format::fixed);
    if (code != std::errc() || rest != text.data() + end || !std::isfinite(value) || value < 0) {
      break;
    }
    seconds = seconds * 60 + value;
    if (colon == std::string::npos) {
      return media::Seconds(seconds);
    }
    begin = colon + 1;
  }
  throw Error(ExitCode::usage,
              "'" + text + "' is not a time; write seconds (12.5) or HH:MM:SS.mmm");
}

std::string time_code(media::Seconds seconds) {
  const auto tenths = std::llround(seconds.count() * 10);
  return fmt::format("{:02}:{:02}:{:02}.{}", tenths / 36000, tenths / 600 % 60, tenths / 10 % 60,
                     tenths % 10);
}

}  // namespace impasto::job
