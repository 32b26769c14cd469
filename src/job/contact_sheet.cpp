#include "job/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "job/timecode.h"
#include "media/sheet.h"
#include "media/still_png.h"

namespace impasto::job {
namespace {

constexpr int kCellWidth = 480;
constexpr std::size_t kColumns = 3;

Size shown_cell(const media::VideoInfo& video) {
  const double stretch = video.sample_aspect.num > 0 ? av_q2d(video.sample_aspect) : 1.0;
  const double height = kCellWidth * video.size.height / (video.size.width * stretch);
  return {kCellWidth, std::max(1, static_cast<int>(std::lround(height)))};
}

}  // namespace

ContactSheet::ContactSheet(const media::VideoInfo& video, std::int64_t first_pts)
    : time_base_(av_q2d(video.time_base)),
      first_pts_(first_pts),
      step_(video.duration.count() > 0 ? video.duration.count() / kMoments : 1.0),
      cell_(shown_cell(video)) {}

ContactSheet::Moment ContactSheet::take(const AVFrame& source, const AVFrame& painted,
                                        double seconds) {
  Moment moment{seconds, Picture(cell_), Picture(cell_)};
  converter_.to_picture(source, moment.source);
  converter_.to_picture(painted, moment.painted);
  return moment;
}

void ContactSheet::offer(const AVFrame& source, const AVFrame& painted) {
  const double seconds = static_cast<double>(source.pts - first_pts_) * time_base_;
  const auto index = static_cast<std::size_t>(std::max(0.0, seconds / step_));
  const bool past_middle = seconds >= (static_cast<double>(index) + 0.5) * step_;
  const std::lock_guard lock(mutex_);
  if (first_.source.empty()) {
    first_ = take(source, painted, seconds);
  }
  if (index >= kMoments || !past_middle) {
    return;
  }
  // Workers finish out of order; the frame nearest to the middle stays.
  const auto known = moments_.find(index);
  if (known == moments_.end() || known->second.seconds > seconds) {
    moments_[index] = take(source, painted, seconds);
  }
}

void ContactSheet::write(store::Sink& sink, const std::string& title) const {
  std::vector<const Moment*> moments;
  for (const auto& [index, moment] : moments_) {
    moments.push_back(&moment);
  }
  if (moments.empty()) {
    moments.push_back(&first_);
  }
  std::vector<std::vector<media::SheetCell>> rows;
  for (std::size_t begin = 0; begin < moments.size(); begin += kColumns) {
    std::vector<media::SheetCell> sources;
    std::vector<media::SheetCell> paintings;
    for (std::size_t i = begin; i < std::min(begin + kColumns, moments.size()); ++i) {
      sources.push_back({&moments[i]->source, time_code(media::Seconds(moments[i]->seconds))});
      paintings.push_back({&moments[i]->painted, ""});
    }
    rows.push_back(std::move(sources));
    rows.push_back(std::move(paintings));
  }
  store::write_all(sink,
                   media::encode_sheet(media::make_sheet(rows, kCellWidth, title), sink.uri()));
}

}  // namespace impasto::job
