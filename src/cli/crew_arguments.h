#pragma once

#include <chrono>

#include "job/work.h"

namespace CLI {
class App;
}

namespace impasto::cli {

/// Adds what can be said of the processes that paint segments.
void add_crew_options(CLI::App& command, job::CrewOptions& options);
/// The same, and how often segments are tried and with how many threads.
void add_work_options(CLI::App& command, job::WorkOptions& options);
/// How long a rank of MPI may give no sign.
void add_silence(CLI::App& command, std::chrono::duration<double>& silence);

}  // namespace impasto::cli
