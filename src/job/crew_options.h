#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace impasto::job {

/// How many processes paint, and how patient one is with them.
struct CrewOptions {
  int workers = 1;
  int threads = 0;  ///< Of all workers together; 0: as many as this process may use.
  std::chrono::duration<double> segment_timeout{0};  ///< Of one attempt; 0: as long as it takes.
  std::chrono::duration<double> stuck_after{120};    ///< Without a frame.
  std::chrono::duration<double> grace{25};           ///< For what is begun, once asked to stop.
  std::vector<std::string> program;  ///< What paints, in place of this program's own command.
};

}  // namespace impasto::job
