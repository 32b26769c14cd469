#include "job/speed.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/calibrator.h"
#include "engine/enlarger.h"
#include "job/frame_finisher.h"
#include "job/work_size.h"
#include "media/av.h"
#include "media/colour.h"
#include "media/encoder.h"
#include "network/models.h"

namespace impasto::job {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFrames = 4;
constexpr int kEncodedFrames = 12;
constexpr int kFrameRate = 25;
constexpr std::chrono::milliseconds kPaintTime{900};
constexpr media::Colour kColour{AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, AVCOL_PRI_BT709, AVCOL_TRC_BT709,
                                AVCHROMA_LOC_LEFT};

/// CPU time of the whole process, all threads, in seconds.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  constexpr double kNano = 1e-9;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * kNano;
}

/// A texture of waves, as it is `step` frames after the first; it moves by some pixels a frame.
media::FramePtr made_frame(Size size, int step) {
  media::FramePtr frame = media::make_picture_frame(AV_PIX_FMT_YUV420P, size.width, size.height);
  media::tag(*frame, kColour);
  frame->pts = step;
  constexpr std::array<float, 3> kFrequency = {0.05F, 0.021F, 0.013F};
  constexpr float kPixelsAFrame = 3;
  constexpr float kMiddle = 126;
  constexpr float kSwing = 50;
  for (int plane = 0; plane < 3; ++plane) {
    const int shift = plane == 0 ? 0 : 1;
    const float frequency = kFrequency.at(static_cast<std::size_t>(plane));
    for (int y = 0; y < size.height >> shift; ++y) {
      std::uint8_t* row =
          frame->data[plane] + static_cast<std::ptrdiff_t>(y) * frame->linesize[plane];
      const float across = std::sin(static_cast<float>(y) * frequency * 1.7F);
      for (int x = 0; x < size.width >> shift; ++x) {
        const float place = static_cast<float>(x) + kPixelsAFrame * static_cast<float>(step);
        row[x] = static_cast<std::uint8_t>(
            kMiddle + kSwing * (std::sin(place * frequency + 3 * across) + across) / 2);
      }
    }
  }
  return frame;
}

/// Paints `in` over and over, as many at once as the painter likes, until the time is up. What
/// became of each is left in `painted`. Returns frames a second.
double paint_for_a_while(engine::Painter& painter, const std::vector<Picture>& in,
                         std::vector<Picture>& painted) {
  std::atomic<std::size_t> started = 0;
  std::mutex failure_mutex;
  std::exception_ptr failure;
  const Clock::time_point begin = Clock::now();
  const auto work = [&] {
    try {
      Picture scratch(in.front().size());
      for (;;) {
        const std::size_t index = started++;
        if (index >= in.size() && Clock::now() - begin > kPaintTime) {
          --started;
          return;
        }
        painter.paint(in[index % in.size()], index < in.size() ? painted[index] : scratch);
      }
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> workers;
  workers.reserve(static_cast<std::size_t>(painter.info().concurrency));
  while (workers.size() < static_cast<std::size_t>(painter.info().concurrency)) {
    workers.emplace_back(work);
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  const std::chrono::duration<double> time = Clock::now() - begin;
  return static_cast<double>(started) / time.count();
}

/// CPU seconds that encoding a frame takes. There and back again: the frames stand in a row that
/// is run through in both directions, so that the motion has no jumps.
double encode(const std::vector<media::FramePtr>& frames) {
  media::EncodeFormat format;
  format.format = AV_PIX_FMT_YUV420P;
  format.size = {frames.front()->width, frames.front()->height};
  format.time_base = {1, kFrameRate};
  format.frame_rate = {kFrameRate, 1};
  format.colour = kColour;
  media::EncodeOptions options;
  options.codec = "h264";
  const double begin = cpu_seconds();
  media::Encoder encoder(options, format, false);
  for (int index = 0; index <= kEncodedFrames; ++index) {
    if (index < kEncodedFrames) {
      const auto period = static_cast<int>(2 * (frames.size() - 1));
      const int place = std::min(index % period, period - index % period);
      const media::FramePtr frame = media::share(*frames[static_cast<std::size_t>(place)]);
      frame->pts = index;
      encoder.send(frame.get());
    } else {
      encoder.send(nullptr);
    }
    while (encoder.receive()) {
    }
  }
  return (cpu_seconds() - begin) / kEncodedFrames;
}

/// Made frames are painted by what one of them says, in whole numbers where there are any: as
/// films are.
void calibrate(const std::filesystem::path& style, const Picture& picture,
               engine::PainterOptions& options) {
  const auto calibrator = engine::make_calibrator(style, options);
  if (!calibrator) {
    return;
  }
  options.calibration = std::make_shared<engine::Calibration>(calibrator->see(picture, true));
  for (const engine::Device& device : engine::devices()) {
    const auto& known = device.precisions;
    if (device.name == options.device && options.precision == "auto" &&
        std::find(known.begin(), known.end(), "int8") != known.end()) {
      options.precision = "int8";
    }
  }
}

/// All that the finisher of frames asks of a plan.
media::OutputPlan plan_for(Size size) {
  media::OutputPlan plan;
  plan.work_format = AV_PIX_FMT_YUV420P;
  plan.format.format = AV_PIX_FMT_YUV420P;
  plan.format.size = size;
  plan.format.sample_aspect = {1, 1};
  plan.format.colour = kColour;
  return plan;
}

}  // namespace

Speed measure_speed(const std::filesystem::path& style, Size size, engine::PainterOptions options) {
  Speed speed;
  speed.size = size;
  speed.work = work_size(size, {1, 1}, 1.0);
  options.canvas = canvas_for(speed.work);
  std::vector<media::FramePtr> frames;
  std::vector<Picture> in;
  std::vector<Picture> painted;
  media::ColourConverter converter;
  for (std::size_t index = 0; index < kFrames; ++index) {
    frames.push_back(made_frame(size, static_cast<int>(index)));
    painted.emplace_back(speed.work);
    in.emplace_back(speed.work);
  }
  const double before_reading = cpu_seconds();
  for (std::size_t index = 0; index < kFrames; ++index) {
    converter.to_picture(*frames[index], in[index]);
    in[index].mirror_into_margin();
  }
  speed.finish_seconds = cpu_seconds() - before_reading;

  calibrate(style, in.front(), options);
  const auto painter = engine::make_painter(style, options);
  speed.painter = painter->info();
  painter->paint(in.front(), painted.front());  // the first one allocates
  speed.network_fps = paint_for_a_while(*painter, in, painted);

  const auto enlarger =
      needs_enlarging(speed.work, size)
          ? engine::make_enlarger(network::find_model(network::kEnlargerFile), options)
          : nullptr;
  const media::OutputPlan plan = plan_for(size);
  FrameFinisher finisher(plan, {}, enlarger.get());
  finisher.finish(*frames.front(), painted.front());  // the first one compiles
  const double before_writing = cpu_seconds();
  for (std::size_t index = 0; index < kFrames; ++index) {
    frames[index] = finisher.finish(*frames[index], painted[index]);
  }
  speed.finish_seconds += cpu_seconds() - before_writing;
  speed.finish_seconds /= kFrames;
  speed.encode_seconds = encode(frames);
  const double rest = (speed.finish_seconds + speed.encode_seconds) / speed.painter.threads;
  speed.paint_fps = 1 / (1 / speed.network_fps + rest);
  return speed;
}

}  // namespace impasto::job
