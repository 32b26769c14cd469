#pragma once

// Learning reads its pictures as everything else does; these are their names here.

#include "media/photos.h"

namespace impasto::learn {

using media::load_clip_frames;
using media::load_painting;
using media::load_photos;
using media::Photo;
using media::PhotoSet;

}  // namespace impasto::learn
