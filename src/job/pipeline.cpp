#include "job/pipeline.h"

#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "base/bounded_queue.h"
#include "base/interrupt.h"
#include "base/ordered_queue.h"

namespace impasto::job {
namespace {

struct Work {
  std::uint64_t place = 0;
  media::FramePtr frame;
};

using Finished = std::variant<Unfinished, media::PacketPtr>;

/// The queues between the stages and the first failure of any of them.
class Pipeline {
 public:
  Pipeline(media::Reader& reader, std::size_t in_flight, const PipelineEnds& ends)
      : reader_(reader), ends_(ends), to_paint_(in_flight), finished_(in_flight) {}

  /// Runs one stage; a failure closes the queues, which ends the others.
  template <typename Stage>
  void guard(Stage stage) noexcept {
    try {
      stage();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) {
        failure_ = std::current_exception();
      }
      to_paint_.close();
      finished_.close();
    }
  }

  void read() {
    for (;;) {
      throw_if_interrupted();
      media::ReadItem item = reader_.next();
      if (std::holds_alternative<std::monostate>(item)) {
        break;
      }
      const bool is_frame = std::holds_alternative<media::FramePtr>(item);
      const std::optional<std::uint64_t> place = finished_.reserve(is_frame);
      if (!place) {
        return;
      }
      if (is_frame) {
        if (ends_.see_frame) {
          ends_.see_frame(*std::get<media::FramePtr>(item));
        }
        to_paint_.push({*place, std::get<media::FramePtr>(std::move(item))});
      } else {
        finished_.fill(*place, std::get<media::PacketPtr>(std::move(item)));
      }
    }
    to_paint_.end();
    finished_.end();
  }

  void paint(std::size_t worker) {
    while (std::optional<Work> work = to_paint_.pop()) {
      finished_.fill(work->place, ends_.paint(worker, *work->frame));
    }
  }

  void write() {
    while (std::optional<Finished> item = finished_.pop()) {
      throw_if_interrupted();
      if (auto* frame = std::get_if<Unfinished>(&*item)) {
        ends_.write_frame((*frame)());
      } else {
        ends_.write_packet(std::get<media::PacketPtr>(std::move(*item)));
      }
    }
  }

  void rethrow_failure() {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

 private:
  media::Reader& reader_;
  const PipelineEnds& ends_;
  BoundedQueue<Work> to_paint_;
  OrderedQueue<Finished> finished_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

std::size_t frames_in_flight(std::size_t workers, Size size) {
  constexpr std::size_t kPerWorker = 3;
  return is_huge(size) ? workers + 1 : kPerWorker * workers;
}

void run_pipeline(media::Reader& reader, std::size_t workers, std::size_t in_flight,
                  const PipelineEnds& ends) {
  Pipeline pipeline(reader, in_flight, ends);
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] { pipeline.guard([&] { pipeline.read(); }); });
    for (std::size_t worker = 0; worker < workers; ++worker) {
      threads.emplace_back([&, worker] { pipeline.guard([&] { pipeline.paint(worker); }); });
    }
    pipeline.guard([&] { pipeline.write(); });
  }
  pipeline.rethrow_failure();
}

}  // namespace impasto::job
