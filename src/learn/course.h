#pragma once

#include <chrono>
#include <cstdint>

namespace impasto::learn {

/// How long a training runs: by steps, or by minutes where `steps` is 0.
struct Budget {
  double minutes = 10;
  std::int64_t steps = 0;
};

/// Where a training is, earlier runs of it counted in.
class Course {
 public:
  Course(Budget budget, std::int64_t step, double seconds)
      : budget_(budget), step_(step), seconds_before_(seconds) {}

  void advance() { ++step_; }
  [[nodiscard]] std::int64_t step() const { return step_; }
  /// Seconds of training so far.
  [[nodiscard]] double seconds() const;
  /// From 0 to 1.
  [[nodiscard]] double fraction() const;
  [[nodiscard]] bool done() const { return fraction() >= 1; }

 private:
  using Clock = std::chrono::steady_clock;
  Budget budget_;
  std::int64_t step_;
  double seconds_before_;
  Clock::time_point begun_ = Clock::now();
};

/// Factor on the learning rate: rises over the first `warm_up` steps, then falls along a cosine to
/// a hundredth.
double falling_rate(double fraction, std::int64_t step, std::int64_t warm_up);

}  // namespace impasto::learn
