#pragma once

#include <string>

#include "media/reader.h"

namespace impasto::job {

/// Parses seconds ("12.5") or [HH:]MM:SS[.mmm]. Throws Error(usage).
media::Seconds parse_time(const std::string& text);

/// "00:01:23.4"
std::string time_code(media::Seconds seconds);

}  // namespace impasto::job
