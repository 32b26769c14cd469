#include "launch/mpi/participant.h"

#include <utility>

namespace impasto::launch {
namespace {

constexpr std::chrono::seconds kBetweenSigns{1};

}  // namespace

Participant::Participant(Transport& transport, const std::string& host,
                         std::chrono::duration<double> patience,
                         std::function<Clock::time_point()> now)
    : transport_(transport),
      patience_(patience),
      now_(std::move(now)),
      heard_(now_()),
      said_(heard_) {
  say({.kind = Message::Kind::joined, .text = host});
}

std::optional<job::Task> Participant::next() {
  if (!granted_.empty()) {
    const job::Task task = granted_.front();
    granted_.pop_front();
    return task;
  }
  if (!std::exchange(waits_, true)) {
    say({.kind = Message::Kind::idle, .wish = ++wish_});
  }
  return std::nullopt;
}

void Participant::ended(const job::Outcome& outcome) {
  say({.kind = Message::Kind::ended,
       .task = outcome.task,
       .how = outcome.kind,
       .code = outcome.code,
       .text = outcome.error});
}

void Participant::turn() {
  while (const std::optional<Letter> letter = transport_.receive()) {
    const std::optional<Message> message = message_from_line(letter->text);
    if (!message || letter->from != 0) {
      continue;
    }
    heard_ = now_();
    switch (message->kind) {
      case Message::Kind::paint:
        granted_.push_back(message->task);
        waits_ = false;
        break;
      case Message::Kind::stop:
        stop_ = true;
        break;
      case Message::Kind::over:
        over_ = true;
        part_alone_ = message->part_alone;
        break;
      default:
        break;  // a sign
    }
  }
  const Clock::time_point now = now_();
  if (now - said_ >= kBetweenSigns) {
    said_ = now;
    say({.kind = Message::Kind::alive, .frames = frames_});
    if (waits_) {
      say({.kind = Message::Kind::idle, .wish = wish_});
    }
  }
  if (!over_ && now - heard_ > patience_) {
    over_ = true;
    part_alone_ = true;
    cut_off_ = true;
  }
}

void Participant::refuse(const Error& why) {
  say({.kind = Message::Kind::refused, .code = why.code(), .text = why.what()});
}

void Participant::leave() { say({.kind = Message::Kind::left}); }

}  // namespace impasto::launch
