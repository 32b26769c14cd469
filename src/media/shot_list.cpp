#include "media/shot_list.h"

#include <algorithm>
#include <utility>

namespace impasto::media {
namespace {

/// What frames on both sides of a cut differ by at least (see difference()) ...
constexpr double kCut = 0.3;
/// How much larger the change at a cut is than was usual just before.
constexpr double kSudden = 0.25;
constexpr std::int64_t kLeastFrames = 3;

}  // namespace

void ShotLister::see(FramePtr frame) {
  std::optional<Look> look = look_at(*frame);
  coming_.push_back({std::move(frame), std::move(look)});
}

std::optional<ShotLister::Told> ShotLister::next() {
  if (coming_.empty() || (coming_.size() < kAhead && !ended_)) {
    return std::nullopt;
  }
  Told told;
  told.begins_shot = begins_shot();
  shot_frames_ = told.begins_shot ? 1 : shot_frames_ + 1;
  Coming& now = coming_.front();
  told.contrast = now.look ? now.look->contrast : 0;
  if (now.look) {
    std::rotate(changes_.begin(), changes_.begin() + 1, changes_.end());
    changes_.back() = before_.empty() ? 0 : difference(before_.back(), *now.look);
  }
  if (told.begins_shot) {
    before_.clear();
  }
  if (now.look) {
    before_.push_back(std::move(*now.look));
    if (before_.size() > kAhead) {
      before_.pop_front();
    }
  }
  told.frame = std::move(now.frame);
  coming_.pop_front();
  return told;
}

bool ShotLister::begins_shot() const {
  const auto next = std::find_if(coming_.begin(), coming_.end(),
                                 [](const Coming& one) { return one.look.has_value(); });
  if (next == coming_.end() || before_.empty() || shot_frames_ < kLeastFrames ||
      difference(before_.back(), *next->look) < std::max(kCut, usual_change() + kSudden)) {
    return false;
  }
  return std::none_of(coming_.begin(), coming_.end(), [&](const Coming& after) {
    return after.look && std::any_of(before_.begin(), before_.end(), [&](const Look& before) {
             return difference(before, *after.look) < kCut;
           });
  });
}

double ShotLister::usual_change() const {
  std::array<double, kChanges> sorted = changes_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[kChanges / 2];
}

}  // namespace impasto::media
