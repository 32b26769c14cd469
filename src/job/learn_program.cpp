#include "job/learn_program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace impasto::job {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "impasto-learn";

bool is_program(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0;
}

[[noreturn]] void throw_not_started(const fs::path& program, int reason) {
  throw Error(ExitCode::unavailable, "'" + program.string() + "' cannot be started (" +
                                         std::strerror(reason) + "); build or install it again");
}

/// Pointers into `arguments`, as exec takes them.
std::vector<char*> to_argv(std::string& name, std::vector<std::string>& arguments) {
  std::vector<char*> argv{name.data()};
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  return argv;
}

/// Signals that this program ignores would be ignored in the next one, too.
void restore_signals() {
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM}) {
    std::signal(signal, SIG_DFL);
  }
}

}  // namespace

fs::path find_learn_program() {
  const char* given = std::getenv("IMPASTO_LEARN");
  if (given != nullptr && *given != '\0') {
    if (is_program(given)) {
      return given;
    }
    throw Error(ExitCode::unavailable, "IMPASTO_LEARN names '" + std::string(given) +
                                           "', which is no program; correct it or unset it");
  }
  std::error_code failure;
  const fs::path here = fs::read_symlink("/proc/self/exe", failure).parent_path();
  for (const fs::path& place : {here / kName, here / ".." / "libexec" / "impasto" / kName}) {
    if (!failure && is_program(place)) {
      return place.lexically_normal();
    }
  }
  throw Error(ExitCode::unavailable,
              "the program impasto-learn, which learns and measures styles, is not beside impasto "
              "('" +
                  here.string() +
                  "') nor in ../libexec/impasto; install it there, or name it in "
                  "IMPASTO_LEARN");
}

void become_learn_program(const std::vector<std::string>& arguments) {
  const fs::path program = find_learn_program();
  std::string name = kName;
  std::vector<std::string> copies(arguments);
  const std::vector<char*> argv = to_argv(name, copies);
  restore_signals();
  execv(program.c_str(), argv.data());
  throw_not_started(program, errno);
}

LearnProgram::LearnProgram(const std::vector<std::string>& arguments) {
  const fs::path program = find_learn_program();
  std::string name = kName;
  std::vector<std::string> copies(arguments);
  const std::vector<char*> argv = to_argv(name, copies);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw_not_started(program, errno);
  }
  process_ = fork();
  if (process_ == 0) {  // between fork and exec only what is safe there
    restore_signals();
    if (dup2(ends[0], STDIN_FILENO) >= 0) {
      execv(program.c_str(), argv.data());
    }
    _exit(static_cast<int>(ExitCode::unavailable));
  }
  const int reason = errno;
  close(ends[0]);
  input_ = ends[1];
  if (process_ < 0) {
    close_input();
    throw_not_started(program, reason);
  }
}

LearnProgram::~LearnProgram() {
  close_input();
  if (process_ > 0) {  // not finished: what it would say of half its input helps nobody
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
}

bool LearnProgram::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(input_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

int LearnProgram::finish() {
  close_input();
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  constexpr int kSignalled = 128;  // as shells count
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

void LearnProgram::close_input() {
  if (input_ >= 0) {
    close(input_);
    input_ = -1;
  }
}

}  // namespace impasto::job
