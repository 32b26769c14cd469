#pragma once

#include "job/crew_options.h"

namespace CLI {
class App;
}

namespace impasto::cli {

/// Adds what can be said of the processes that paint segments.
void add_crew_options(CLI::App& command, job::CrewOptions& options);

}  // namespace impasto::cli
