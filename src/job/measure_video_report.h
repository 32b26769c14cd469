#pragma once

#include <string>

#include "base/chart.h"
#include "job/measure_video.h"

namespace impasto::job {

/// For people: what was measured overall and when it was worst, in a few lines.
std::string to_table(const VideoMeasure& measure);
/// JSON text: overall and frame by frame; null where nothing could be measured.
std::string to_json(const VideoMeasure& measure);
/// Errors and flicker over time.
Chart to_chart(const VideoMeasure& measure);

}  // namespace impasto::job
