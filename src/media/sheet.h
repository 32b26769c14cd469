#pragma once

#include <string>
#include <vector>

#include "base/picture.h"

namespace impasto::media {

/// One picture of a contact sheet; null leaves its place empty.
struct SheetCell {
  const Picture* picture = nullptr;
  std::string label;  ///< Stands over the picture; may run on over neighbours without a label.
};

/// Lays rows of cells out on a dark ground: `title` on top (may be empty), each picture scaled to
/// `cell_width` pixels with its aspect kept, its label over it. Throws Error(bug) when there is no
/// picture at all or `cell_width` is not positive.
Picture make_sheet(const std::vector<std::vector<SheetCell>>& rows, int cell_width,
                   const std::string& title);

/// The picture at another size: averaged over the area of each new pixel where it gets smaller,
/// linear between pixels where it gets larger. Throws Error(bug) for sizes that are not positive.
Picture scaled(const Picture& picture, Size size);

/// `size` brought to a width with its aspect kept, at least one pixel high.
Size with_width(Size size, int width);

}  // namespace impasto::media
