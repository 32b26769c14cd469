#pragma once

#include <stdexcept>
#include <string>

namespace impasto {

/// Exit codes of the program; launchers decide by them whether a retry makes sense
/// (docs/user-guide.md).
enum class ExitCode : int {
  done = 0,
  usage = 64,        ///< The command line is wrong.
  bad_input = 65,    ///< The input, style or output cannot be painted; a retry will not help.
  unavailable = 69,  ///< A store, disk or device cannot be reached or is full; a retry may help.
  bug = 70,          ///< Something that must not happen did.
  interrupted = 75,  ///< Stopped on request before the end; run again to go on.
};

/// A failure that a user can understand: one sentence that says what failed, on which object, and
/// what to do; and the exit code that goes with it.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& sentence) : std::runtime_error(sentence), code_(code) {}

  [[nodiscard]] ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

}  // namespace impasto
