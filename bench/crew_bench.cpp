// Scaling on a cluster that is simulated: workers whose painting is a sleep of the time that a
// frame takes elsewhere, but the real coordination, statuses, logs and store.
//
// usage: crew_bench JOB WORKERS SECONDS-A-FRAME
// Paints (sleeps) what is missing of a planned job and prints a line of JSON: segments, wall time,
// the sum of all sleeps, and the efficiency, that sum over WORKERS times the wall time.

#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>

#include "base/child_process.h"
#include "base/progress.h"
#include "job/paint_event.h"
#include "job/work.h"
#include "store/store.h"

namespace {

using namespace impasto;
using Clock = std::chrono::steady_clock;

void tell(const job::PaintEvent& event) {
  const std::string line = to_line(event) + "\n";
  if (write(kEventsFd, line.data(), line.size()) < 0) {
    std::exit(1);
  }
}

/// What a process that paints does, asleep.
void sleep_by_orders(double seconds_a_frame, const job::JobFolder& job) {
  const job::Plan plan = job.read_plan();
  job::PaintEvent event;
  event.kind = job::PaintEvent::Kind::ready;
  event.painter.backend = "sleep";
  tell(event);
  for (std::string line; std::getline(std::cin, line);) {
    const auto order = job::order_from_line(line);
    if (!order) {
      continue;
    }
    event.frames = plan.segments.at(order->segment).frames;
    std::this_thread::sleep_for(
        std::chrono::duration<double>(seconds_a_frame * static_cast<double>(event.frames)));
    store::write_all(job.segment(plan, order->segment), "asleep", true);
    event.kind = job::PaintEvent::Kind::done;
    tell(event);
  }
}

void run(const job::JobFolder& job, int workers, const std::string& seconds_a_frame) {
  const job::Plan plan = job.read_plan();
  job::WorkOptions options;
  options.crew.workers = workers;
  options.crew.program = {"/proc/self/exe", "--sleep", seconds_a_frame};
  Progress progress(ProgressMode::none);
  const Clock::time_point begun = Clock::now();
  const job::WorkReport report = job::work(job, options, progress);
  const double wall = std::chrono::duration<double>(Clock::now() - begun).count();
  double slept = 0;
  for (const job::Segment& segment : plan.segments) {
    slept += static_cast<double>(segment.frames) * std::stod(seconds_a_frame);
  }
  std::cout << nlohmann::ordered_json{{"segments", report.painted},
                                      {"workers", workers},
                                      {"wall", wall},
                                      {"slept", slept},
                                      {"efficiency", slept / (workers * wall)}}
                   .dump()
            << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() >= 3 && words[0] == "--sleep") {
      impasto::end_without_parent(getppid());
      sleep_by_orders(std::stod(words[1]), job::JobFolder(words[2]));
    } else if (words.size() == 3) {
      run(job::JobFolder(words[0]), std::stoi(words[1]), words[2]);
    } else {
      std::fprintf(stderr, "usage: crew_bench JOB WORKERS SECONDS-A-FRAME\n");
      return 64;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
