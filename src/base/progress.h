#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <iosfwd>
#include <mutex>
#include <string>

namespace impasto {

/// How progress is told; `automatic` is a bar in a terminal and plain lines elsewhere.
enum class ProgressMode { automatic, bar, plain, json, none };

/// Parses auto|bar|plain|json|none. Throws Error(usage) for anything else.
ProgressMode parse_progress_mode(const std::string& text);

/// What long work counts in, as people read it.
struct ProgressUnit {
  std::string many = "frames";
  std::string speed = "fps";
};

/// Where progress is written and what is known of that place.
struct ProgressOutput {
  std::ostream* stream = nullptr;
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<int()> columns;  ///< Asked for each redraw, since windows are resized.
  bool terminal = false;         ///< Decides what `automatic` is.
  bool utf8 = false;             ///< Block characters can be shown.
};

/// Standard error and the real clock.
ProgressOutput standard_progress_output();

/// Tells a user, or a program that reads along, how far long work is: one object (a file) at a
/// time. Thread-safe. Ends the line of a bar when it is destroyed.
///
/// JSON mode writes one object a line: `event` (begin|progress|note|end), `object`, and for
/// progress and end `frames`, `total`, `fps`, `seconds_left`, `percent` (null where unknown), and
/// `facts` where there are any; notes carry `text`, ends `success`.
class Progress {
 public:
  explicit Progress(ProgressMode mode, ProgressOutput output = standard_progress_output());
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// Starts on an object of `total_frames` frames (0: unknown) and `total_seconds` of video
  /// (0: unknown); either total gives a percentage.
  void begin(std::string object, std::int64_t total_frames, double total_seconds,
             ProgressUnit unit = {});
  /// Call for each frame; writes at most 10 times a second (bar), each second (JSON), or every ten
  /// seconds and at steps of 10 % (plain).
  void advance(std::int64_t frames_done, double video_seconds_done);
  /// Facts that are shown behind the numbers from now on, until the object ends: "style 0.14".
  void tell(std::string facts);
  /// A line for the user, a warning or a fact. It is shown in every mode and does not tear the bar.
  void note(const std::string& sentence);
  /// Ends the object: the bar goes away, the other modes tell the last state.
  void end(bool success);

 private:
  using Clock = std::chrono::steady_clock;

  struct Sample {
    Clock::time_point time;
    std::int64_t frames = 0;
    double fraction = 0;  ///< Negative when no total is known.
  };

  void remember(Clock::time_point now);
  void write_bar();
  void clear_bar();
  void write_plain();
  void write_json(const char* event, const bool* success);
  [[nodiscard]] bool is_due(Clock::time_point now) const;
  [[nodiscard]] double fraction() const;
  [[nodiscard]] double frames_per_second() const;
  [[nodiscard]] double seconds_left() const;
  [[nodiscard]] double elapsed_seconds() const;
  [[nodiscard]] std::string bar_line(int columns) const;

  ProgressMode mode_;
  ProgressOutput output_;
  std::mutex mutex_;
  bool active_ = false;
  bool bar_visible_ = false;
  std::string object_;
  std::string facts_;
  ProgressUnit unit_;
  std::int64_t total_frames_ = 0;
  double total_seconds_ = 0;
  std::int64_t frames_ = 0;
  double seconds_ = 0;
  std::deque<Sample> samples_;  ///< Of the last seconds, for a smooth speed.
  Clock::time_point started_;
  Clock::time_point written_;
  std::int64_t frames_written_ = -1;
  int tenth_written_ = 0;  ///< The last step of 10 % that a plain line told.
};

}  // namespace impasto
