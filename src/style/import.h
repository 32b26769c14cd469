#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "style/style.h"

namespace impasto::style {

struct ImportOptions {
  std::string name;
  // Where these are empty, the net keeps what it says of itself; a net without a title gets its
  // name.
  std::string title;
  std::string painting;
  std::string licence;
  std::string author;
  /// Values that the net takes and gives: "1" for 0..1, "255" for 0..255, "-1..1"; "auto" tries
  /// them.
  std::string range = "auto";
  bool overwrite = false;
};

/// What was recognised and changed, and how the check came out.
struct ImportResult {
  Style style;
  std::vector<std::string>
      notes;  ///< One sentence for each rewrite ("15 instance norms spelt out ...").
  double largest_difference =
      0;  ///< Rewritten against the original net, at the original's own size, in 0..1.
};

/// Turns a third-party style net into a style by the contract and writes it to `folder`:
/// initializers listed as inputs are dropped from the inputs; instance norms spelt out in Reshape
/// and ReduceMean become InstanceNormalization; nearest upsampling spelt out in fixed Reshapes and
/// Concats (or Upsample/Resize with fixed sizes) becomes a Resize by scales; every other fixed
/// shape is freed; the value range (0..1, 0..255, -1..1) is found by running the net and scaled to
/// 0..1; input becomes `image` with dynamic N, H, W; metadata is written. The result is checked
/// against the original at the original's own size and painted at another size, before it gets its
/// name. Throws Error(bad_input) with a sentence for what it cannot make size-free.
ImportResult import(const std::filesystem::path& net, const std::filesystem::path& folder,
                    const ImportOptions& options);

}  // namespace impasto::style
