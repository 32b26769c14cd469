#pragma once

namespace impasto {

/// From now on the first SIGINT or SIGTERM only sets a flag, so that work can end cleanly; the
/// second ends the program at once with exit code 130.
void catch_interrupts();

/// From now on SIGINT and SIGTERM do nothing: a process whose parent tells it when to stop shall
/// not hear of it from a terminal or a launcher as well.
void ignore_interrupts();

/// As if the first signal had come.
void request_interrupt();

/// True once a signal has come.
bool interrupted();

/// Throws Error(interrupted) once a signal has come.
void throw_if_interrupted();

}  // namespace impasto
