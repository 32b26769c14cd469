#pragma once

namespace impasto {

/// From now on the first SIGINT or SIGTERM only sets a flag, so that work can end cleanly; the
/// second ends the program at once with exit code 130.
void catch_interrupts();

/// True once a signal has come.
bool interrupted();

/// Throws Error(interrupted) once a signal has come.
void throw_if_interrupted();

}  // namespace impasto
