#include "learn/course.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace impasto::learn {

double Course::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(Clock::now() - begun_).count();
}

double Course::fraction() const {
  const double done = budget_.steps > 0
                          ? static_cast<double>(step_) / static_cast<double>(budget_.steps)
                          : seconds() / 60 / budget_.minutes;
  return std::clamp(done, 0.0, 1.0);
}

double falling_rate(double fraction, std::int64_t step, std::int64_t warm_up) {
  constexpr double kLast = 0.01;
  const double rise =
      step < warm_up ? static_cast<double>(step + 1) / static_cast<double>(warm_up) : 1;
  const double fall = (1 + std::cos(std::numbers::pi * fraction)) / 2;
  return rise * (kLast + (1 - kLast) * fall);
}

}  // namespace impasto::learn
