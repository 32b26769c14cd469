#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace impasto::job {

/// The program that learns and measures, which libtorch keeps apart from this one: $IMPASTO_LEARN,
/// or `impasto-learn` beside this program or in ../libexec/impasto.
/// Throws Error(unavailable) when it is in none of these places.
std::filesystem::path find_learn_program();

/// Becomes the program: its output, its signals and its exit code are this one's from now on.
/// Throws Error(unavailable) when it cannot be started.
[[noreturn]] void become_learn_program(const std::vector<std::string>& arguments);

/// The program, running beside this one and reading what it is given. It ends with this object.
class LearnProgram {
 public:
  /// Throws Error(unavailable) when it cannot be started.
  explicit LearnProgram(const std::vector<std::string>& arguments);
  LearnProgram(const LearnProgram&) = delete;
  LearnProgram& operator=(const LearnProgram&) = delete;
  ~LearnProgram();

  /// Writes to its standard input. False once it reads no more: it has failed and has said why.
  [[nodiscard]] bool write(std::span<const std::byte> bytes);
  /// Ends its input, waits for it and returns its exit code.
  int finish();

 private:
  void close_input();

  pid_t process_ = -1;
  int input_ = -1;
};

}  // namespace impasto::job
