#pragma once

#include "media/output_plan.h"
#include "media/reader.h"
#include "store/store.h"

namespace impasto::media {

/// Muxes the first frame and the first packet of every other stream into memory and reads the
/// result back, to know before the first frame is painted what the container holds. Streams that it
/// refuses become `converted` where they are text subtitles and `dropped` otherwise; tags,
/// chapters, languages and dispositions that do not come back are named in `plan.losses`.
/// `first_frame`: in the plan's encode format. `input`: opened once more for the packets.
/// Throws Error(bad_input) when the container refuses even the video alone.
void rehearse(OutputPlan& plan, const Reader& reader, const AVFrame& first_frame,
              const std::shared_ptr<store::Source>& input);

}  // namespace impasto::media
