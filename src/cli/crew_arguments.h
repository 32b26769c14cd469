#pragma once

#include <chrono>
#include <string>

#include "job/crew_options.h"

namespace CLI {
class App;
}

namespace impasto::cli {

/// An option of seconds, from `least` on.
void add_seconds(CLI::App& command, const std::string& name, std::chrono::duration<double>& value,
                 double least, const std::string& help);

/// Adds what can be said of the processes that paint segments.
void add_crew_options(CLI::App& command, job::CrewOptions& options);

}  // namespace impasto::cli
