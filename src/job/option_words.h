#pragma once

#include <optional>
#include <string>

#include "base/size.h"
#include "media/av.h"

namespace impasto::job {

// Words of the command line that are more than a number. All throw Error(usage) with a sentence.

/// "WxH" or a number of lines with a p ("720p": the width follows, even, the shown shape stays).
Size parse_size(const std::string& text, Size source, AVRational sample_aspect);

/// off|low|high or a number from 0 to 10.
double parse_stability(const std::string& text);

/// native or a number from 0.25 to 4; none: native.
std::optional<double> parse_stroke(const std::string& text);

/// auto, off or the side of a tile: how many pixels it has at most; 0: off.
long long parse_tile(const std::string& text);

}  // namespace impasto::job
