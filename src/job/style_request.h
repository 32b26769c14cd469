#pragma once

#include <functional>
#include <string>
#include <vector>

#include "media/reader.h"

namespace impasto::job {

/// A style, a style's file or a picture, and how much of it is in a mix.
struct StyleShare {
  std::string what;
  double weight = 1;

  friend bool operator==(const StyleShare&, const StyleShare&) = default;
};

/// A style, or a mix, and the time from which on it is painted in.
struct StyleKey {
  media::Seconds time{};  ///< From the beginning of what is painted.
  std::string style;      ///< As `parse_mix` takes it.

  friend bool operator==(const StyleKey&, const StyleKey&) = default;
};

/// Whether a text is the name of something that is there (a file, a style), so that its commas and
/// colons are letters like others.
using IsThere = std::function<bool(const std::string&)>;

/// The parts between commas, unless commas belong to the name of something that is there.
std::vector<std::string> split_list(const std::string& text, const IsThere& is_there);

/// Parses "a", "a:0.7,b:0.3" or "a,b". Weights need not sum to 1.
/// Throws Error(usage) for empty names, negative weights and weights that sum to nothing.
std::vector<StyleShare> parse_mix(const std::string& text, const IsThere& is_there);

/// Parses "0:a,12s:b,1:02:03:c": a time in seconds or as a timecode before each style, the first 0,
/// rising. Throws Error(usage) where that is not so.
std::vector<StyleKey> parse_style_keys(const std::string& text);

/// How one style becomes the next.
struct StyleFade {
  enum class Kind {
    smooth,      ///< Within `seconds`, centred on the time; 0: at once.
    continuous,  ///< All the way from one time to the next.
    shot,        ///< At the first hard cut at or after the time.
  };
  Kind kind = Kind::smooth;
  media::Seconds seconds{2};
};

/// Parses "cut", seconds, "continuous" or "shot". Throws Error(usage) for anything else.
StyleFade parse_style_fade(const std::string& text);

}  // namespace impasto::job
