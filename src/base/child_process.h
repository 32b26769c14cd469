#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace impasto {

/// How a process ended: by itself with an exit code, or by a signal.
struct Ending {
  int exit_code = 0;
  int signal = 0;  ///< 0: by itself.
};

/// "was killed by SIGSEGV" or "ended by itself with exit code 3".
std::string to_string(const Ending& ending);

/// The end of a pipe, or nothing.
class PipeEnd {
 public:
  explicit PipeEnd(int fd = -1) : fd_(fd) {}
  PipeEnd(PipeEnd&& other) noexcept : fd_(other.release()) {}
  PipeEnd& operator=(PipeEnd&& other) noexcept;
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;
  ~PipeEnd() { close(); }

  [[nodiscard]] int get() const { return fd_; }
  void close();

 private:
  int release();

  int fd_;
};

/// Where a child process finds what it writes to its parent; commands come on standard input.
constexpr int kEventsFd = 3;

/// Reads what there is on a pipe without waiting, and gives it out in lines.
class LineReader {
 public:
  explicit LineReader(PipeEnd end) : end_(std::move(end)) {}

  [[nodiscard]] int fd() const { return end_.get(); }
  /// Whole lines that have come since; after the end also what stands after the last newline.
  std::vector<std::string> lines();
  /// Nothing more will come.
  [[nodiscard]] bool at_end() const { return end_.get() < 0; }

 private:
  PipeEnd end_;
  std::string begun_;  ///< Of a line whose end has not come.
};

/// Another process of a program of ours, which reads commands from its standard input, a line each,
/// and writes events to kEventsFd. Destroyed, it is killed; and the system kills it when the thread
/// that started it is gone, however that ended.
class ChildProcess {
 public:
  /// `command`: the program, empty for this very one (though it may have been replaced on disk
  /// since), and its arguments. Throws Error(unavailable) when it cannot be started.
  explicit ChildProcess(const std::vector<std::string>& command);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  [[nodiscard]] pid_t id() const { return id_; }
  /// Nothing happens where the process is gone.
  void write_line(const std::string& line);
  void close_input() { input_.close(); }
  LineReader& events() { return events_; }
  /// What it writes to its standard error.
  LineReader& complaints() { return complaints_; }
  void kill() const;
  /// Asks it to end.
  void terminate() const;
  /// Whether and how it has ended. `wait`: until it has.
  std::optional<Ending> ended(bool wait = false);

 private:
  pid_t id_ = -1;
  PipeEnd input_;
  LineReader events_;
  LineReader complaints_;
  std::optional<Ending> ended_;
};

/// For a child process, first of all: ends it where its parent, by its id, is gone already, and
/// gives back what it holds of the parent's files beside its three pipes.
void end_without_parent(pid_t parent);

}  // namespace impasto
