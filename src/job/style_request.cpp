#include "job/style_request.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/error.h"
#include "job/timecode.h"

namespace impasto::job {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// A whole text that is a number and nothing else.
std::optional<double> number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, value);
  const bool good = !text.empty() && code == std::errc() && rest == end && std::isfinite(value);
  return good ? std::optional(value) : std::nullopt;
}

/// Name and weight of one part of a mix; the weight is what stands behind the last colon.
StyleShare share_of(const std::string& text, const IsThere& is_there) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos && !is_there(text)) {
    if (const auto weight = number(text.substr(colon + 1))) {
      return {text.substr(0, colon), *weight};
    }
  }
  return {text, 1};
}

/// Whether a part of a list is the name of something that is there, with a weight or without.
bool names_something(const std::string& text, const IsThere& is_there) {
  return is_there(text) || is_there(share_of(text, is_there).what);
}

std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> pieces(1);
  for (const char letter : text) {
    if (letter == ',') {
      pieces.emplace_back();
    } else {
      pieces.back() += letter;
    }
  }
  return pieces;
}

/// Length of the time at the beginning of "TIME:STYLE", the longest that leaves a style; 0: none.
std::size_t length_of_time(const std::string& text) {
  std::size_t length = 0;
  for (std::size_t at = 0; at < text.size() && (is_digit(text[at]) || text[at] == '.' ||
                                                text[at] == 's' || text[at] == ':');
       ++at) {
    const bool ends = at > 0 && text[at] == ':' && text[at - 1] != ':' && at + 1 < text.size();
    if (ends) {
      length = at;
    }
    if (text[at] == 's' && (at + 1 == text.size() || text[at + 1] != ':')) {
      break;  // an s only ends a time
    }
  }
  return length;
}

media::Seconds time_of(const std::string& text) {
  const bool in_seconds = text.ends_with('s') && text.find(':') == std::string::npos;
  return parse_time(in_seconds ? text.substr(0, text.size() - 1) : text);
}

}  // namespace

std::vector<std::string> split_list(const std::string& text, const IsThere& is_there) {
  const std::vector<std::string> pieces = pieces_of(text);
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < pieces.size();) {
    // The longest run of pieces that is a name wins; a piece that is none stands alone.
    std::size_t taken = 1;
    std::string part = pieces[begin];
    std::string run = part;
    for (std::size_t end = begin + 1; end < pieces.size(); ++end) {
      run += "," + pieces[end];
      if (names_something(run, is_there)) {
        part = run;
        taken = end - begin + 1;
      }
    }
    parts.push_back(part);
    begin += taken;
  }
  return parts;
}

std::vector<StyleShare> parse_mix(const std::string& text, const IsThere& is_there) {
  if (is_there(text)) {
    return {{text, 1}};
  }
  std::vector<StyleShare> shares;
  double total = 0;
  for (const std::string& part : split_list(text, is_there)) {
    shares.push_back(share_of(part, is_there));
    const StyleShare& share = shares.back();
    if (share.what.empty()) {
      throw Error(ExitCode::usage,
                  fmt::format("'{}' names a style without a name; write NAME or NAME:WEIGHT, with "
                              "commas between several",
                              text));
    }
    if (share.weight < 0) {
      throw Error(ExitCode::usage, fmt::format("the weight {} of '{}' is below zero; a mix takes "
                                               "weights from 0 on",
                                               share.weight, share.what));
    }
    total += share.weight;
  }
  if (total <= 0) {
    throw Error(ExitCode::usage,
                fmt::format("the weights of '{}' sum to zero; give one style a weight", text));
  }
  return shares;
}

std::vector<StyleKey> parse_style_keys(const std::string& text) {
  std::vector<StyleKey> keys;
  for (const std::string& piece : pieces_of(text)) {
    const std::size_t length = length_of_time(piece);
    if (length > 0) {
      keys.push_back({time_of(piece.substr(0, length)), piece.substr(length + 1)});
    } else if (!keys.empty()) {
      keys.back().style += "," + piece;  // of a mix, or of a name
    } else {
      throw Error(ExitCode::usage,
                  fmt::format("'{}' does not begin with a time; write 0:FIRST,12s:SECOND", text));
    }
  }
  if (keys.front().time.count() != 0) {
    throw Error(
        ExitCode::usage,
        fmt::format("the first style of '{}' must be there from 0 on; write 0:STYLE first", text));
  }
  for (std::size_t index = 1; index < keys.size(); ++index) {
    if (keys[index].time <= keys[index - 1].time) {
      throw Error(ExitCode::usage,
                  fmt::format("the times of '{}' do not rise; sort them, each once", text));
    }
  }
  return keys;
}

StyleFade parse_style_fade(const std::string& text) {
  if (text == "continuous") {
    return {StyleFade::Kind::continuous, {}};
  }
  if (text == "shot") {
    return {StyleFade::Kind::shot, {}};
  }
  if (text == "cut") {
    return {StyleFade::Kind::smooth, media::Seconds(0)};
  }
  const bool ends_in_s = text.size() > 1 && text.ends_with('s');
  const auto seconds = number(ends_in_s ? text.substr(0, text.size() - 1) : text);
  if (!seconds || *seconds < 0) {
    throw Error(ExitCode::usage,
                fmt::format("'{}' is not a way to change styles; write cut, seconds (2), "
                            "continuous or shot",
                            text));
  }
  return {StyleFade::Kind::smooth, media::Seconds(*seconds)};
}

}  // namespace impasto::job
