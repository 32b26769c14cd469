#pragma once

#include <string>

#include "base/picture.h"

namespace impasto::media {

/// Encodes the visible picture as an 8-bit RGB PNG; values are clipped to 0..1.
std::string encode_png(const Picture& picture);

/// Encodes the visible picture as a JPEG without chroma subsampling (contact sheets have thin
/// coloured strokes). `quality` 1 (best) .. 31.
std::string encode_jpeg(const Picture& picture, int quality = 2);

/// Writes a PNG. Throws like `store::write_all`.
void write_png(const Picture& picture, const std::string& uri, bool overwrite);

/// Throws Error(usage) unless the name ends in .png, .jpg or .jpeg, which is what `write_sheet` can
/// write: to be asked before long work.
void check_sheet_name(const std::string& uri);

/// A PNG or JPEG by the extension of `uri`. Throws like `check_sheet_name`.
std::string encode_sheet(const Picture& picture, const std::string& uri);
/// Writes a PNG or JPEG by the name's extension. Throws like `check_sheet_name` and
/// `store::write_all`.
void write_sheet(const Picture& picture, const std::string& uri, bool overwrite);

}  // namespace impasto::media
