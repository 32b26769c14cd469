#include "launch/mpi/coordinator.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/interrupt.h"

namespace impasto::launch {
namespace {

constexpr std::chrono::milliseconds kPause{10};

}  // namespace

Coordinator::Coordinator(Transport& transport, std::chrono::duration<double> silence,
                         std::function<Clock::time_point()> now)
    : transport_(transport),
      silence_(silence),
      now_(std::move(now)),
      peers_(static_cast<std::size_t>(transport.size())) {
  for (Peer& peer : peers_) {
    peer.last_sign = now_();
  }
  peers_.front().left = true;
}

void Coordinator::serve(job::SegmentQueue& queue, job::AttemptBook& book) {
  hear(&queue, &book);
  lose_silent(queue, book);
  if (!interrupted()) {
    hand_out(queue);
  } else if (!std::exchange(stopped_, true)) {
    tell_all({.kind = Message::Kind::stop});
  }
}

std::int64_t Coordinator::frames() const {
  std::int64_t frames = 0;
  for (const Peer& peer : peers_) {
    frames += peer.frames;
  }
  return frames;
}

bool Coordinator::can_paint() const {
  return std::any_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.paints(); });
}

void Coordinator::hear(job::SegmentQueue* queue, job::AttemptBook* book) {
  while (const std::optional<Letter> letter = transport_.receive()) {
    const std::optional<Message> message = message_from_line(letter->text);
    if (!message || letter->from <= 0 || letter->from >= transport_.size()) {
      continue;
    }
    Peer& from = peer(letter->from);
    from.last_sign = now_();
    if (std::exchange(from.lost, false) && book != nullptr) {
      book->told(std::nullopt, fmt::format("{} is back", name(letter->from)));
    }
    take(letter->from, *message, queue, book);
  }
}

void Coordinator::take(int rank, const Message& message, job::SegmentQueue* queue,
                       job::AttemptBook* book) {
  Peer& from = peer(rank);
  switch (message.kind) {
    case Message::Kind::joined:
      from.host = message.text;
      break;
    case Message::Kind::idle:
      from.wish = std::max(from.wish, message.wish);
      break;
    case Message::Kind::alive:
      from.frames = message.frames;
      transport_.send(rank, to_line({.kind = Message::Kind::alive}));
      break;
    case Message::Kind::ended:
      // What it had when it was taken for lost has been given back; if it is painted all the same,
      // the queue sees that by itself.
      if (const auto task = from.at_work.find(message.task.segment);
          task != from.at_work.end() && task->second.attempt == message.task.attempt) {
        if (queue != nullptr) {
          queue->ended(task->second, message.how, message.code, message.text, rank);
        }
        from.at_work.erase(task);
      }
      break;
    case Message::Kind::refused:
      from.refused = true;
      if (book != nullptr) {
        book->told(std::nullopt, fmt::format("{} cannot paint: {}", name(rank), message.text));
      }
      give_back(rank, queue);
      break;
    case Message::Kind::left:
      from.left = true;
      give_back(rank, queue);
      break;
    default:
      break;  // that is said by rank 0 alone
  }
}

void Coordinator::give_back(int rank, job::SegmentQueue* queue) {
  for (const auto& [segment, task] : std::exchange(peer(rank).at_work, {})) {
    if (queue != nullptr) {
      queue->ended(task, job::Outcome::Kind::stopped, ExitCode::interrupted, "", rank);
    }
  }
}

void Coordinator::lose_silent(job::SegmentQueue& queue, job::AttemptBook& book) {
  const Clock::time_point now = now_();
  for (int rank = 1; rank < transport_.size(); ++rank) {
    Peer& silent = peer(rank);
    if (silent.left || silent.lost || now - silent.last_sign <= silence_) {
      continue;
    }
    silent.lost = true;
    book.told(std::nullopt,
              fmt::format("{} has given no sign for {:g} s (--silence); the other ranks paint what "
                          "it had",
                          name(rank), silence_.count()));
    for (const auto& [segment, task] : std::exchange(silent.at_work, {})) {
      job::Outcome outcome;
      outcome.task = task;
      outcome.error = fmt::format("{} fell silent over it", name(rank));
      queue.ended(task, outcome.kind, outcome.code, outcome.error, rank);
      book.ended(outcome);
    }
  }
}

void Coordinator::hand_out(job::SegmentQueue& queue) {
  for (int rank = 1; rank < transport_.size(); ++rank) {
    Peer& to = peer(rank);
    if (to.wish > to.met && to.paints()) {
      const std::optional<job::Task> task = queue.next(rank);
      if (!task) {
        return;
      }
      to.met = to.wish;
      to.at_work[task->segment] = *task;
      transport_.send(rank, to_line({.kind = Message::Kind::paint, .task = *task}));
    }
  }
}

void Coordinator::tell_all(const Message& message) {
  for (int rank = 1; rank < transport_.size(); ++rank) {
    transport_.send(rank, to_line(message));
  }
}

void Coordinator::wait_until_left(std::chrono::duration<double> patience) {
  const Clock::time_point begun = now_();
  const auto is_through = [&] {
    return std::all_of(peers_.begin(), peers_.end(), [&](const Peer& peer) {
      return peer.left || peer.lost || now_() - peer.last_sign > silence_;
    });
  };
  while (!is_through() && now_() - begun < patience) {
    hear(nullptr, nullptr);
    std::this_thread::sleep_for(kPause);
  }
}

void Coordinator::wait_until_stopped(std::chrono::duration<double> patience) {
  if (!std::exchange(stopped_, true)) {
    tell_all({.kind = Message::Kind::stop});
  }
  wait_until_left(patience);
}

bool Coordinator::dismiss() {
  const auto has_left = [](const Peer& peer) { return peer.left && !peer.lost; };
  // Whoever has not left by now leaves when told that it is over.
  Message over{.kind = Message::Kind::over};
  over.part_alone =
      std::any_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.lost; });
  tell_all(over);
  wait_until_left(silence_ * 2);
  return !over.part_alone && std::all_of(peers_.begin(), peers_.end(), has_left);
}

std::string Coordinator::name(int rank) const {
  const std::string& host = peers_.at(static_cast<std::size_t>(rank)).host;
  return host.empty() ? fmt::format("rank {}", rank) : fmt::format("rank {} on {}", rank, host);
}

}  // namespace impasto::launch
