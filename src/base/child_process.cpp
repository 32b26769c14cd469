#include "base/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace impasto {
namespace {

Error not_started(int reason) {
  return {ExitCode::unavailable,
          fmt::format("a process that paints cannot be started ({}); close other programs or raise "
                      "the limits (ulimit)",
                      std::strerror(reason))};
}

struct Pipe {
  PipeEnd read;
  PipeEnd write;
};

/// Moved away from the numbers that the child gets.
PipeEnd away(PipeEnd end) {
  constexpr int kAway = 16;
  PipeEnd moved(fcntl(end.get(), F_DUPFD_CLOEXEC, kAway));
  if (moved.get() < 0) {
    throw not_started(errno);
  }
  return moved;
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw not_started(errno);
  }
  PipeEnd read(ends[0]);
  PipeEnd write(ends[1]);
  return {away(std::move(read)), away(std::move(write))};
}

PipeEnd without_waiting(PipeEnd end) {
  fcntl(end.get(), F_SETFL, fcntl(end.get(), F_GETFL) | O_NONBLOCK);
  return end;
}

}  // namespace

std::string to_string(const Ending& ending) {
  if (ending.signal == 0) {
    return fmt::format("ended by itself with exit code {}", ending.exit_code);
  }
  const char* name = sigabbrev_np(ending.signal);
  return name != nullptr ? fmt::format("was killed by SIG{}", name)
                         : fmt::format("was killed by signal {}", ending.signal);
}

PipeEnd& PipeEnd::operator=(PipeEnd&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

void PipeEnd::close() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

int PipeEnd::release() { return std::exchange(fd_, -1); }

std::vector<std::string> LineReader::lines() {
  std::array<char, 4096> piece{};
  while (end_.get() >= 0) {
    const ssize_t count = read(end_.get(), piece.data(), piece.size());
    if (count > 0) {
      begun_.append(piece.data(), static_cast<std::size_t>(count));
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      break;
    } else {
      end_.close();
      if (!begun_.empty() && begun_.back() != '\n') {
        begun_ += '\n';
      }
    }
  }
  std::vector<std::string> found;
  std::size_t begin = 0;
  for (std::size_t end = begun_.find('\n'); end != std::string::npos;
       end = begun_.find('\n', begin)) {
    found.push_back(begun_.substr(begin, end - begin));
    begin = end + 1;
  }
  begun_.erase(0, begin);
  return found;
}

ChildProcess::ChildProcess(const std::vector<std::string>& command)
    : events_(PipeEnd()), complaints_(PipeEnd()) {
  Pipe commands = make_pipe();
  Pipe events = make_pipe();
  Pipe complaints = make_pipe();
  std::vector<std::string> copies(command);
  const std::string program = copies.front().empty() ? "/proc/self/exe" : copies.front();
  if (copies.front().empty()) {
    copies.front() = "impasto";
  }
  std::vector<char*> argv;
  for (std::string& word : copies) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  id_ = fork();
  if (id_ == 0) {                      // between fork and exec only what is safe there
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // holds on over exec, so there is no moment without it
    if (getppid() == parent && dup2(commands.read.get(), STDIN_FILENO) >= 0 &&
        dup2(complaints.write.get(), STDERR_FILENO) >= 0 &&
        dup2(events.write.get(), kEventsFd) >= 0) {
      execv(program.c_str(), argv.data());
    }
    _exit(static_cast<int>(ExitCode::unavailable));
  }
  if (id_ < 0) {
    throw not_started(errno);
  }
  input_ = std::move(commands.write);
  events_ = LineReader(without_waiting(std::move(events.read)));
  complaints_ = LineReader(without_waiting(std::move(complaints.read)));
}

ChildProcess::~ChildProcess() {
  if (id_ > 0 && !ended_) {
    kill();
    ended(true);
  }
}

void ChildProcess::write_line(const std::string& line) {
  const std::string whole = line + "\n";
  std::size_t written = 0;
  while (input_.get() >= 0 && written < whole.size()) {
    const ssize_t count = ::write(input_.get(), whole.data() + written, whole.size() - written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return;  // it is gone, and its ending will tell why
    }
  }
}

void ChildProcess::kill() const {
  if (!ended_) {
    ::kill(id_, SIGKILL);
  }
}

void ChildProcess::terminate() const {
  if (!ended_) {
    ::kill(id_, SIGTERM);
  }
}

std::optional<Ending> ChildProcess::ended(bool wait) {
  while (!ended_) {
    int status = 0;
    const pid_t changed = waitpid(id_, &status, wait ? 0 : WNOHANG);
    if (changed == 0) {
      break;
    }
    if (changed < 0) {
      if (errno == EINTR) {
        continue;
      }
      ended_ = Ending{static_cast<int>(ExitCode::bug), 0};  // somebody else has asked for it
    } else if (WIFEXITED(status)) {
      ended_ = Ending{WEXITSTATUS(status), 0};
    } else {
      ended_ = Ending{0, WTERMSIG(status)};
    }
  }
  return ended_;
}

void end_without_parent(pid_t parent) {
  if (getppid() != parent) {
    _exit(static_cast<int>(ExitCode::interrupted));
  }
  close_range(kEventsFd + 1, UINT_MAX, 0);
}

}  // namespace impasto
