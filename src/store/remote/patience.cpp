#include "store/remote/patience.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string_view>
#include <thread>

#include "base/error.h"

namespace impasto::store::remote {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kFirstPause(200);
constexpr milliseconds kLongestPause(10'000);
constexpr milliseconds kGlance(50);  // how often somebody who waits looks up

double chance() {
  thread_local std::minstd_rand random(std::random_device{}());
  return std::uniform_real_distribution<double>(0.5, 1.0)(random);
}

std::string in_words(milliseconds time) {
  const auto seconds = time.count() / 1000;
  return seconds < 120 ? fmt::format("{} seconds", seconds)
                       : fmt::format("{} minutes", seconds / 60);
}

}  // namespace

milliseconds pause_before(int before) {
  const auto longest = static_cast<double>(kLongestPause.count());
  const double pause =
      static_cast<double>(kFirstPause.count()) * std::pow(1.7, std::clamp(before - 1, 0, 20));
  return milliseconds(std::llround(std::min(pause, longest) * chance()));
}

milliseconds patience_of_environment() {
  constexpr milliseconds kDefault(300'000);
  const char* value = std::getenv("IMPASTO_STORE_PATIENCE");
  if (value == nullptr) {
    return kDefault;
  }
  const std::string_view text(value);
  int seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc() || end != text.data() + text.size() || seconds < 0) {
    throw Error(ExitCode::usage,
                fmt::format("IMPASTO_STORE_PATIENCE is '{}', which is no number of seconds; set "
                            "it to 300, say, or leave it out",
                            text));
  }
  return std::chrono::seconds(seconds);
}

void Patience::check_interrupted() const {
  if (interrupted_()) {
    throw Error(
        ExitCode::interrupted,
        "stopped on request; nothing stands under the output's name, run the same command again");
  }
}

void Patience::wait(milliseconds time) const {
  const Clock::time_point until = Clock::now() + time;
  while (Clock::now() < until) {
    check_interrupted();
    std::this_thread::sleep_for(kGlance);
  }
}

void Patience::run(const std::string& uri, const std::function<bool(int before)>& attempt) const {
  Clock::time_point since = Clock::now();
  int before = 0;  // attempts since the last one that got further
  for (int all = 0;; ++all) {
    check_interrupted();
    std::optional<milliseconds> pause;
    try {
      if (attempt(all)) {
        return;
      }
      since = Clock::now();
      before = 0;
      continue;
    } catch (const TemporaryFailure& failure) {
      const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - since);
      if (passed >= total_) {
        check_interrupted();
        throw Error(ExitCode::unavailable,
                    fmt::format("the store of '{}' could not be reached for {} ({}); check it and "
                                "the network, and run the same command again",
                                uri, in_words(passed), failure.what()));
      }
      pause = pause_before(++before);
      if (failure.wait()) {
        pause = std::max<milliseconds>(*pause, *failure.wait());
      }
      pause = std::min(*pause, std::max(total_ - passed, kGlance));
    }
    wait(*pause);
  }
}

}  // namespace impasto::store::remote
