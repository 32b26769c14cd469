#include "job/option_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "base/error.h"
#include "temporal/steadier.h"

namespace impasto::job {
namespace {

/// A number from `least` to `most` and nothing else; none where `text` is another thing.
std::optional<double> number_in(const std::string& text, double least, double most) {
  try {
    std::size_t read = 0;
    const double number = std::stod(text, &read);
    if (read == text.size() && number >= least && number <= most) {
      return number;
    }
  } catch (const std::logic_error&) {  // not one
  }
  return std::nullopt;
}

}  // namespace

Size parse_size(const std::string& text, Size source, AVRational sample_aspect) {
  const auto fail = [&]() -> Error {
    return {ExitCode::usage,
            "'" + text + "' is not a size; write WIDTHxHEIGHT (1280x720) or lines (720p)"};
  };
  const auto number = [&](const std::string& digits) {
    const bool good =
        !digits.empty() && digits.size() <= 5 &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!good || std::stoi(digits) == 0 || std::stoi(digits) > 16384) {
      throw fail();
    }
    return std::stoi(digits);
  };
  if (text.ends_with("p")) {
    const int height = number(text.substr(0, text.size() - 1));
    const double stretch = sample_aspect.num > 0 ? av_q2d(sample_aspect) : 1.0;
    const double width = static_cast<double>(source.width) * stretch * height / source.height;
    return {std::max(2, 2 * static_cast<int>(std::lround(width / 2))), height};
  }
  const std::size_t cross = text.find('x');
  if (cross == std::string::npos) {
    throw fail();
  }
  return {number(text.substr(0, cross)), number(text.substr(cross + 1))};
}

double parse_stability(const std::string& text) {
  const std::map<std::string, double> words{
      {"off", 0}, {"low", temporal::kSteadyLow}, {"high", temporal::kSteadyHigh}};
  const auto word = words.find(text);
  if (word != words.end()) {
    return word->second;
  }
  const auto level = number_in(text, 0, temporal::kSteadiest);
  if (!level) {
    throw Error(
        ExitCode::usage,
        "--stability takes off, low, high or a number from 0 to 10, and not '" + text + "'");
  }
  return *level;
}

std::optional<double> parse_stroke(const std::string& text) {
  constexpr double kFinest = 0.25;
  constexpr double kBroadest = 4;
  if (text == "native") {
    return std::nullopt;
  }
  const auto stroke = number_in(text, kFinest, kBroadest);
  if (!stroke) {
    throw Error(ExitCode::usage, fmt::format("--stroke takes native or a number from {} (fine) to "
                                             "{} (broad), and not '{}'",
                                             kFinest, kBroadest, text));
  }
  return stroke;
}

long long parse_tile(const std::string& text) {
  constexpr long long kMost = 2'600'000;  // a little more than 1920x1080
  if (text == "auto") {
    return kMost;
  }
  if (text == "off") {
    return 0;
  }
  const bool number =
      !text.empty() && text.size() <= 5 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number || std::stoll(text) < 64) {
    throw Error(ExitCode::usage,
                "--tile takes auto, off or the side of a tile in pixels, 64 or "
                "more, and not '" +
                    text + "'");
  }
  return std::stoll(text) * std::stoll(text);
}

}  // namespace impasto::job
