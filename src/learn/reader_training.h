#pragma once

#include <cstdint>
#include <functional>

#include "base/progress.h"
#include "learn/perceptual.h"
#include "learn/reader_net.h"
#include "learn/statistics_reader.h"
#include "learn/style_pool.h"

namespace impasto::learn {

struct ReaderOptions {
  double minutes = 15;
  double rate = 1e-3;
  int batch = 4;
  int most_samples = 3000;  ///< Paintings kept to learn on; a new one every other step until then.
  bool fresh = true;        ///< The reader has learnt nothing yet.
  std::uint64_t seed = 1;
};

/// Teaches the small reader to tell what `teacher` tells from VGG-19's statistics ("Distilling the
/// Knowledge in a Neural Network", Hinton et al., 2015): the same values in the first linear layer,
/// and the same code. The teacher's upper layers are where it begins.
/// Throws Error(interrupted) on a signal.
void teach_reader(ReaderNet& reader, const StatisticsReader& teacher, const Perceptual& perceptual,
                  const StylePool& paintings, const ReaderOptions& options, Progress& progress);

}  // namespace impasto::learn
