#pragma once

#include <optional>
#include <string>

#include "base/progress.h"
#include "job/contact_sheet.h"
#include "job/paint_options.h"
#include "job/report.h"
#include "media/reader.h"

namespace impasto::job {

/// Whether a video is long enough to be painted in segments.
bool is_worth_segments(const media::VideoInfo& video);

/// Paints a film as a job that lies beside the output, `.NAME.impasto`, until the film is whole:
/// the same call after any death goes on where that one was, and gives the same bytes. `reader` has
/// been opened on `input`; `sheet` gets its moments at the end. Nothing, and no job is left, where
/// the film comes to one segment alone or is damaged, so that a part of it may read differently by
/// itself. Throws like make_plan(), work() and join(), Error(unavailable) when another process
/// paints the same output.
std::optional<PaintReport> paint_in_segments(const media::Reader& reader, const std::string& input,
                                             const std::string& output, const PaintOptions& options,
                                             ContactSheet* sheet, Progress& progress);

}  // namespace impasto::job
