#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/picture.h"
#include "learn/photos.h"

namespace impasto::learn {

/// A photo as float RGB 0..1.
Picture to_picture(const Photo& photo);

/// Float planes [3, height, width] without padding (a tensor's memory) as a picture; values outside
/// of 0..1 stay.
Picture to_picture(const float* planes, Size size);

/// Which of `count` photos a preview shows: at most `wanted`, spread evenly, the same each time.
std::vector<std::size_t> preview_choice(std::size_t count, std::size_t wanted);

/// "starry-night - step 1200 - 3 min 20 s".
std::string preview_title(const std::string& name, std::int64_t step, double seconds);

/// Writes a sheet as PNG, whole or not at all, over what is there: photos in rows of four, each
/// over its painting as it is now. `labels` stand over the photos (may be empty). Throws Error(bug)
/// unless there are as many paintings as photos and at least one; else like store::write_all.
void write_preview(const std::filesystem::path& file, const std::string& title,
                   const std::vector<Picture>& photos, const std::vector<Picture>& paintings,
                   const std::vector<std::string>& labels = {});

}  // namespace impasto::learn
