#pragma once

#include "media/av.h"

namespace impasto::media {

/// Mixes a painted frame with its source in place, both of one planar integer format and size:
/// painted = source + strength * (painted - source). Since RGB to YUV is linear this equals mixing
/// in RGB, but the source's share is never resampled: strength 0 is the source, bit for bit.
///
/// `keep_colour` takes the brightness from the painting and the colours from the source (luminance
/// transfer: Gatys et al., "Preserving Color in Neural Artistic Style Transfer", 2016).
///
/// Alpha, where there is one, is the source's.
void blend(const AVFrame& source, AVFrame& painted, double strength, bool keep_colour);

}  // namespace impasto::media
