#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "job/file_cache.h"
#include "job/style_request.h"
#include "job/style_schedule.h"
#include "network/code.h"
#include "style/style.h"

namespace impasto::job {

/// Styles of which one after the other is painted in, by one base painter.
struct TimedStyles {
  style::Style painter;       ///< Its net takes a code; `name` tells all styles.
  std::vector<CodeKey> keys;  ///< As `StyleSchedule` takes them.
};

/// Makes a style of whatever a user names as one: a style's name or file, a picture of a painting,
/// a mix of such. What it makes is an ordinary style's ONNX file in the cache, so that nothing
/// behind it knows the difference.
class Atelier {
 public:
  /// `cache_folder` as `job::cache_folder()` tells it; empty: nothing outlives this object.
  explicit Atelier(const std::filesystem::path& cache_folder);

  /// The style for "NAME", "FILE.onnx", "painting.jpg" or "a.jpg:0.7,b.jpg:0.3". Throws like
  /// style::find, read_painting, network::find_model and parse_mix, and Error(bad_input) for styles
  /// that do not mix.
  style::Style style(const std::string& request);

  /// The styles of a schedule, each as `style` takes it. Throws like `style`, and Error(bad_input)
  /// for styles that do not differ by their codes alone.
  TimedStyles styles_over_time(const std::vector<StyleKey>& keys);

 private:
  style::Style one_style(const std::string& what);
  style::Style style_of_painting(const std::string& file);
  style::Style mixed(const std::vector<StyleShare>& shares);

  FileCache cache_;
};

/// The styles between the commas of a list; commas inside the names of files that are there stay.
std::vector<std::string> list_of_styles(const std::string& text);

}  // namespace impasto::job
