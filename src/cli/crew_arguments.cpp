#include "cli/crew_arguments.h"

#include <chrono>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/checks.h"

namespace impasto::cli {
namespace {

void add_seconds(CLI::App& command, const std::string& name, std::chrono::duration<double>& value,
                 double least, const std::string& help) {
  constexpr double kMost = 1e7;  // a hundred days
  command
      .add_option_function<double>(
          name, [&value](double seconds) { value = std::chrono::duration<double>(seconds); }, help)
      ->check(in_range(least, kMost))
      ->default_str(fmt::format("{:g}", value.count()));
}

}  // namespace

void add_crew_options(CLI::App& command, job::CrewOptions& options) {
  constexpr int kMostWorkers = 1024;
  command
      .add_option("--workers", options.workers,
                  "Processes that paint a long film's segments side by side; they share --threads")
      ->check(in_range(1, kMostWorkers))
      ->capture_default_str();
  add_seconds(command, "--segment-timeout", options.segment_timeout, 0,
              "Seconds that one attempt at a segment may take; 0: as long as it takes");
  constexpr double kShortest = 0.1;
  add_seconds(command, "--stuck-after", options.stuck_after, kShortest,
              "Seconds without a frame after which a worker counts as stuck");
  add_seconds(command, "--grace", options.grace, 0,
              "Seconds that a segment in hand is given to be finished when told to stop");
}

void add_work_options(CLI::App& command, job::WorkOptions& options) {
  command.add_option("--retries", options.retries, "How often a segment is tried again")
      ->check(in_range(0, 1000))
      ->capture_default_str();
  command.add_flag("--retry", options.anew, "Try what failed before as if it were new");
  command
      .add_option("--threads", options.crew.threads, "CPU threads of all workers together; 0: all")
      ->check(thread_count())
      ->capture_default_str();
  add_crew_options(command, options.crew);
}

void add_silence(CLI::App& command, std::chrono::duration<double>& silence) {
  constexpr double kShortest = 3;  // signs come each second
  add_seconds(command, "--silence", silence, kShortest,
              "Seconds without a sign after which a rank of MPI counts as lost");
}

}  // namespace impasto::cli
