#pragma once

#include <vector>

#include "job/style_request.h"
#include "media/reader.h"
#include "network/code.h"

namespace impasto::job {

/// A code and the time from which on it is painted by.
struct CodeKey {
  media::Seconds time{};
  network::Code code;
};

/// The code of each frame of one video whose style changes over time.
class StyleSchedule {
 public:
  /// At least one key; times rise. `cuts`: when shots begin, for styles that change with them.
  StyleSchedule(std::vector<CodeKey> keys, const StyleFade& fade,
                const std::vector<media::Seconds>& cuts);

  /// The code of the frame at a time: one key's own, exactly, or a mix of two or more.
  [[nodiscard]] network::Code code_at(media::Seconds time) const;

 private:
  [[nodiscard]] double progress(std::size_t key, media::Seconds time) const;

  std::vector<CodeKey> keys_;
  StyleFade fade_;
  std::vector<media::Seconds> changes_;  ///< When the keys after the first came in, by the cuts.
};

}  // namespace impasto::job
