#pragma once

#include <functional>
#include <memory>

#include "base/progress.h"
#include "base/size.h"
#include "engine/painter.h"
#include "job/calibrate_film.h"
#include "job/film_calibration.h"
#include "media/reader.h"
#include "store/store.h"
#include "style/style.h"

namespace impasto::job {

using ReaderObserver = std::function<void(const media::Reader& reader)>;

/// What a film, or the part of it that `reading` names, is painted by in a style: as it was
/// measured before for the same film, style, size and options (the cache holds the latest few
/// dozen), or measured now, when `also` sees its frames and `ended` the reader at the end. `size`
/// is that of the float pictures; throws like calibrate_film().
FilmCalibration calibration_of(const std::shared_ptr<store::Source>& source,
                               media::ReaderOptions reading, const style::Style& style, Size size,
                               const engine::PainterOptions& options, Progress& progress,
                               const FrameObserver& also = {}, const ReaderObserver& ended = {});

}  // namespace impasto::job
