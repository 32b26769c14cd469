#include "job/steadying.h"

#include <algorithm>
#include <utility>

namespace impasto::job {

Steadying::Steadying(double level, Size picture, std::vector<std::int64_t> cuts)
    : options_(temporal::guide_options_at(level)),
      working_(temporal::working_size(picture, options_.longest)),
      steadier_(level),
      cuts_(std::move(cuts)) {}

void Steadying::see(const AVFrame& frame) {
  Place place;
  const bool cut = std::binary_search(cuts_.begin(), cuts_.end(), frame.pts);
  std::shared_future<Look> look = place.look.get_future().share();
  if (!cut) {
    place.before = last_;
  }
  last_ = std::move(look);
  const std::lock_guard lock(mutex_);
  places_.emplace(frame.pts, std::move(place));
}

Steadying::Guided::Guided(Steadying& film, std::int64_t pts) : film_(film), pts_(pts) {}

Steadying::Guided::~Guided() {
  const std::lock_guard lock(film_.mutex_);
  const auto place = film_.places_.find(pts_);
  if (!told_) {
    place->second.look.set_value(nullptr);
  }
  film_.places_.erase(place);
}

std::shared_ptr<const temporal::Guide> Steadying::Guided::make(const Picture& source) {
  const auto look = std::make_shared<const temporal::Look>(
      temporal::look_at(source, film_.working_, film_.options_));
  std::optional<std::shared_future<Look>> before;
  {
    const std::lock_guard lock(film_.mutex_);
    Place& place = film_.places_.at(pts_);
    place.look.set_value(look);
    before = place.before;
  }
  told_ = true;
  const Look earlier = before ? before->get() : nullptr;
  return earlier ? std::make_shared<const temporal::Guide>(
                       temporal::guide(*earlier, *look, film_.options_))
                 : nullptr;
}

}  // namespace impasto::job
