// The network alone: paints pictures in memory for a while, as many at once as the painter likes,
// and prints one JSON object, with the processor time that a frame took. By a calibration, as films
// are painted, or, with "live-" before the precision, each picture by its own statistics.
//
// usage: network_bench STYLE.onnx WIDTH HEIGHT [live-]PRECISION SECONDS

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/picture.h"
#include "engine/calibrator.h"
#include "engine/painter.h"

namespace impasto {
namespace {

using Clock = std::chrono::steady_clock;

Picture noise(Size size) {
  Picture picture(size);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> values(0, 1);
  for (std::size_t index = 0; index < 3 * picture.plane_size(); ++index) {
    picture.data()[index] = values(random);
  }
  return picture;
}

double seconds_of(const timeval& time) {
  constexpr double kMicro = 1e-6;
  return static_cast<double>(time.tv_sec) + kMicro * static_cast<double>(time.tv_usec);
}

/// That this process has had of all processors together.
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

struct Pace {
  std::int64_t frames = 0;
  double seconds = 0;
  double processor_seconds = 0;
};

/// Each worker ends with the frame that it is at.
Pace paint_for(engine::Painter& painter, Size size, double seconds) {
  const Picture source = noise(size);
  std::vector<Picture> painted;
  for (int worker = 0; worker < painter.info().concurrency; ++worker) {
    painter.paint(source, painted.emplace_back(size));
  }
  std::atomic<std::int64_t> frames = 0;
  const double processor_begin = processor_seconds();
  const Clock::time_point begin = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  std::vector<std::thread> workers;
  workers.reserve(painted.size());
  for (Picture& own : painted) {
    workers.emplace_back([&] {
      while (elapsed() < seconds) {
        painter.paint(source, own);
        ++frames;
      }
    });
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  return {frames, elapsed(), processor_seconds() - processor_begin};
}

void run(std::span<char*> arguments) {
  const std::string style = arguments[1];
  const Size size{std::stoi(arguments[2]), std::stoi(arguments[3])};
  engine::PainterOptions options;
  options.canvas = canvas_for(size);
  const std::string precision = arguments[4];
  const std::string live = "live-";
  if (precision.starts_with(live)) {
    options.precision = precision.substr(live.size());
  } else {
    options.calibration = std::make_shared<engine::Calibration>(
        engine::make_calibrator(style, options)->see(noise(size), true));
    options.precision = precision;
  }
  const auto painter = engine::make_painter(style, options);
  const Pace pace = paint_for(*painter, size, std::stod(arguments[5]));
  const auto frames = static_cast<double>(pace.frames);
  const nlohmann::json result = {{"frames", pace.frames},
                                 {"seconds", pace.seconds},
                                 {"fps", frames / pace.seconds},
                                 {"core_seconds_a_frame", pace.processor_seconds / frames},
                                 {"precision", precision},
                                 {"device", painter->info().device},
                                 {"threads", painter->info().threads},
                                 {"concurrency", painter->info().concurrency}};
  std::cout << result << '\n';
}

}  // namespace
}  // namespace impasto

int main(int argc, char** argv) {
  constexpr int kArguments = 6;
  if (argc != kArguments) {
    std::fputs("usage: network_bench STYLE.onnx WIDTH HEIGHT [live-]PRECISION SECONDS\n", stderr);
    return 64;
  }
  try {
    impasto::run({argv, static_cast<std::size_t>(argc)});
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "network_bench: %s\n", failure.what());
    return 70;
  }
}
