#include "base/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/terminal.h"

namespace impasto {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kBarPeriod = milliseconds(100);
constexpr auto kJsonPeriod = seconds(1);
constexpr auto kPlainPeriod = seconds(10);
constexpr auto kPlainShortest = seconds(1);  // a quick job shall not write ten lines at once
constexpr auto kSamplePeriod = milliseconds(100);
constexpr auto kSmoothedOver = seconds(8);
constexpr int kWidestBar = 40;
constexpr int kNarrowestBar = 8;
constexpr std::array<const char*, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr std::string_view kEraseLine = "\r\x1b[K";

/// "1:05" or "2:01:05".
std::string clock_text(double in_seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(0.0, in_seconds)));
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

int percent_of(double fraction) { return static_cast<int>(std::floor(100 * fraction + 1e-9)); }

/// A bar of `cells` columns with edges outside of them, filled to `fraction`.
std::string bar_text(double fraction, int cells, bool utf8) {
  if (!utf8) {
    const int full = static_cast<int>(fraction * cells);
    return '[' + std::string(static_cast<std::size_t>(full), '#') +
           std::string(static_cast<std::size_t>(cells - full), '-') + ']';
  }
  const int eighths = static_cast<int>(fraction * cells * 8);
  std::string text = "▕";
  for (int i = 0; i < eighths / 8; ++i) {
    text += "█";
  }
  text += kEighths[static_cast<std::size_t>(eighths % 8)];
  text.append(static_cast<std::size_t>(cells - (eighths + 7) / 8), ' ');
  return text + "▏";
}

nlohmann::json number_or_null(double value) {
  return value < 0 ? nlohmann::json() : nlohmann::json(std::round(value * 100) / 100);
}

}  // namespace

ProgressMode parse_progress_mode(const std::string& text) {
  if (text == "auto") {
    return ProgressMode::automatic;
  }
  if (text == "bar") {
    return ProgressMode::bar;
  }
  if (text == "plain") {
    return ProgressMode::plain;
  }
  if (text == "json") {
    return ProgressMode::json;
  }
  if (text == "none") {
    return ProgressMode::none;
  }
  throw Error(ExitCode::usage,
              "there is no progress mode '" + text + "'; take one of auto, bar, plain, json, none");
}

ProgressOutput standard_progress_output() {
  return {&std::cerr, [] { return std::chrono::steady_clock::now(); },
          [] { return terminal_columns(); }, stderr_is_terminal(), locale_is_utf8()};
}

Progress::Progress(ProgressMode mode, ProgressOutput output)
    : mode_(mode), output_(std::move(output)) {
  if (mode_ == ProgressMode::automatic) {
    mode_ = output_.terminal ? ProgressMode::bar : ProgressMode::plain;
  }
}

Progress::~Progress() { clear_bar(); }

void Progress::begin(std::string object, std::int64_t total_frames, double total_seconds,
                     ProgressUnit unit) {
  const std::lock_guard lock(mutex_);
  active_ = true;
  object_ = std::move(object);
  facts_.clear();
  unit_ = std::move(unit);
  total_frames_ = std::max<std::int64_t>(0, total_frames);
  total_seconds_ = std::max(0.0, total_seconds);
  frames_ = 0;
  seconds_ = 0;
  tenth_written_ = 0;
  frames_written_ = -1;
  started_ = output_.now();
  written_ = started_;
  samples_.clear();
  remember(started_);
  if (mode_ == ProgressMode::bar) {
    write_bar();
  } else if (mode_ == ProgressMode::json) {
    write_json("begin", nullptr);
  }
}

void Progress::advance(std::int64_t frames_done, double video_seconds_done) {
  const std::lock_guard lock(mutex_);
  if (!active_) {
    return;
  }
  frames_ = frames_done;
  seconds_ = video_seconds_done;
  const Clock::time_point now = output_.now();
  remember(now);
  if (!is_due(now)) {
    return;
  }
  written_ = now;
  if (mode_ == ProgressMode::bar) {
    write_bar();
  } else if (mode_ == ProgressMode::plain) {
    write_plain();
  } else {
    write_json("progress", nullptr);
  }
}

void Progress::tell(std::string facts) {
  const std::lock_guard lock(mutex_);
  facts_ = std::move(facts);
}

void Progress::note(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  if (mode_ == ProgressMode::json) {
    nlohmann::ordered_json line{{"event", "note"}, {"text", sentence}};
    if (active_) {
      line["object"] = object_;
    }
    *output_.stream << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                    << std::endl;
    return;
  }
  const bool redraw = bar_visible_;
  clear_bar();
  *output_.stream << sentence << std::endl;
  if (redraw) {
    write_bar();
  }
}

void Progress::end(bool success) {
  const std::lock_guard lock(mutex_);
  if (!active_) {
    return;
  }
  clear_bar();
  if (mode_ == ProgressMode::json) {
    write_json("end", &success);
  } else if (mode_ == ProgressMode::plain && frames_ != frames_written_) {
    write_plain();
  }
  active_ = false;
}

void Progress::remember(Clock::time_point now) {
  // The newest sample always tells the present; the ones before it keep their distance.
  const Sample sample{now, frames_, fraction()};
  const std::size_t count = samples_.size();
  if (count >= 2 && samples_.back().time - samples_[count - 2].time < kSamplePeriod) {
    samples_.back() = sample;
  } else {
    samples_.push_back(sample);
  }
  while (samples_.size() > 2 && now - samples_[1].time >= kSmoothedOver) {
    samples_.pop_front();
  }
}

bool Progress::is_due(Clock::time_point now) const {
  const auto since = now - written_;
  switch (mode_) {
    case ProgressMode::bar:
      return since >= kBarPeriod;
    case ProgressMode::json:
      return since >= kJsonPeriod;
    case ProgressMode::plain: {
      const int tenth = percent_of(fraction()) / 10;
      return since >= kPlainPeriod || (tenth > tenth_written_ && since >= kPlainShortest);
    }
    default:
      return false;
  }
}

double Progress::fraction() const {
  if (total_frames_ > 0) {
    return std::clamp(static_cast<double>(frames_) / static_cast<double>(total_frames_), 0.0, 1.0);
  }
  return total_seconds_ > 0 ? std::clamp(seconds_ / total_seconds_, 0.0, 1.0) : -1;
}

double Progress::frames_per_second() const {
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const double took = duration<double>(last.time - first.time).count();
  return took > 0 ? static_cast<double>(last.frames - first.frames) / took : 0;
}

double Progress::seconds_left() const {
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const double took = duration<double>(last.time - first.time).count();
  const double gained = last.fraction - first.fraction;
  return last.fraction >= 0 && gained > 0 ? (1 - last.fraction) * took / gained : -1;
}

double Progress::elapsed_seconds() const {
  return duration<double>(samples_.back().time - started_).count();
}

std::string Progress::bar_line(int columns) const {
  std::vector<std::string> facts;
  const double done = fraction();
  const double left = seconds_left();
  if (done >= 0) {
    facts.push_back(fmt::format("{:3} %", percent_of(done)));
  }
  if (total_frames_ > 0) {
    const std::string total = std::to_string(total_frames_);
    facts.push_back(fmt::format("{:>{}}/{}", frames_, total.size(), total));
  } else {
    facts.push_back(fmt::format("{} {}", frames_, unit_.many));
  }
  facts.push_back(fmt::format("{:5.1f} {}", frames_per_second(), unit_.speed));
  facts.push_back(
      fmt::format("{:9}", left >= 0 ? clock_text(left) + " left" : clock_text(elapsed_seconds())));
  if (!facts_.empty()) {
    facts.push_back(facts_);
  }

  // In a narrow window a third stays for the name, and the last facts are left out.
  const int reserved = std::min(columns_of(object_), columns / 3);
  std::string tail;
  for (const std::string& fact : facts) {
    if (reserved + columns_of(tail + fact) + 2 > columns) {
      break;
    }
    tail += "  " + fact;
  }
  const int free = columns - columns_of(tail);
  const int name_columns = std::max(free / 2, free - kWidestBar - 4);
  std::string line = shortened(object_, name_columns, output_.utf8 ? "…" : "...");
  const int cells = std::min(kWidestBar, free - columns_of(line) - 4);
  if (done >= 0 && cells >= kNarrowestBar) {
    line += "  " + bar_text(done, cells, output_.utf8);
  }
  return line + tail;
}

void Progress::write_bar() {
  // The last column stays free: some terminals wrap as soon as it is written.
  *output_.stream << '\r' << bar_line(output_.columns() - 1) << "\x1b[K" << std::flush;
  bar_visible_ = true;
}

void Progress::clear_bar() {
  if (bar_visible_) {
    *output_.stream << kEraseLine << std::flush;
    bar_visible_ = false;
  }
}

void Progress::write_plain() {
  const double done = fraction();
  const double left = seconds_left();
  std::string line = printable(object_) + ": ";
  if (done >= 0) {
    tenth_written_ = percent_of(done) / 10;
    line += fmt::format("{} %, ", percent_of(done));
  }
  line += total_frames_ > 0 ? fmt::format("{}/{} {}", frames_, total_frames_, unit_.many)
                            : fmt::format("{} {}", frames_, unit_.many);
  line += fmt::format(", {:.1f} {}, ", frames_per_second(), unit_.speed);
  if (left > 0) {
    line += clock_text(left) + " left";
  } else {
    line += clock_text(elapsed_seconds()) + " elapsed";
  }
  if (!facts_.empty()) {
    line += ", " + facts_;
  }
  *output_.stream << line << std::endl;
  frames_written_ = frames_;
}

void Progress::write_json(const char* event, const bool* success) {
  nlohmann::ordered_json line{{"event", event}, {"object", object_}, {"frames", frames_}};
  line["total"] = total_frames_ > 0 ? nlohmann::json(total_frames_) : nlohmann::json();
  line["fps"] = number_or_null(frames_per_second());
  line["seconds_left"] = number_or_null(seconds_left());
  line["percent"] = number_or_null(fraction() < 0 ? -1 : 100 * fraction());
  if (!facts_.empty()) {
    line["facts"] = facts_;
  }
  if (success != nullptr) {
    line["success"] = *success;
  }
  *output_.stream << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                  << std::endl;
}

}  // namespace impasto
