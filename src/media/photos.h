#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/size.h"

namespace impasto::media {

/// A picture in 8-bit RGB, planar [3, height, width] without padding, upright, in its own transfer
/// curve (sRGB for photos).
struct Photo {
  Size size;
  std::vector<std::uint8_t> rgb;
  std::string name;  ///< Path within the folder, or of the clip with the frame's time.
};

/// Pictures to learn on, and what became of the others.
struct PhotoSet {
  std::vector<Photo> photos;
  int broken = 0;                     ///< Could not be decoded.
  int tiny = 0;                       ///< Under kSmallestPhoto pixels on the short side.
  int left_out = 0;                   ///< Not read, since there were more than enough.
  std::vector<std::string> problems;  ///< A sentence for each broken one.

  /// Bytes that the pictures take.
  [[nodiscard]] std::size_t bytes() const;
};

constexpr int kSmallestPhoto = 128;  ///< Short side in pixels; smaller ones are skipped.
constexpr int kPhotoSide = 480;      ///< Short side in pixels that larger ones are scaled to.
constexpr std::size_t kPhotoMemory = std::size_t{3} << 29;  ///< 1.5 GB: about 1,500 photos.

struct PhotoOptions {
  int short_side = kPhotoSide;  ///< In pixels; larger photos are scaled down to it.
  bool enlarge = false;         ///< Scale smaller ones up to it.
  std::size_t most = 1500;      ///< Where there are more, an even choice is read.
};

/// Pictures in `folder` and the folders within, by their names' endings, sorted by path, so that
/// their order depends on nothing but their names; cut to three times as long as wide about their
/// middle. Broken and tiny ones are skipped and counted. All cores decode.
/// Throws Error(bad_input) when there is no picture to learn on, Error(interrupted) when told to
/// stop.
PhotoSet load_photos(const std::filesystem::path& folder, const PhotoOptions& options);

/// The same, as many as fit into `memory` bytes.
PhotoSet load_photos(const std::filesystem::path& folder, int short_side = kPhotoSide,
                     std::size_t memory = kPhotoMemory);

/// About `count` frames spread evenly over a clip (all of them where it has fewer), scaled like
/// photos; blank ones are left out. A still picture gives itself.
/// Throws Error(bad_input) like Reader, or when every frame is blank or tiny.
PhotoSet load_clip_frames(const std::filesystem::path& clip, int count,
                          int short_side = kPhotoSide);

/// A painting scaled, up or down, to `short_side`, and cut to three times as long as wide about its
/// middle. Throws Error(bad_input) for what is no picture or is under 64 pixels on its short side.
Photo load_painting(const std::filesystem::path& file, int short_side);

}  // namespace impasto::media
