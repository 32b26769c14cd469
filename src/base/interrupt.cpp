#include "base/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "base/error.h"

namespace impasto {
namespace {

// A signal handler can only reach what has static storage.
std::atomic<bool> signalled{false};
static_assert(std::atomic<bool>::is_always_lock_free);

constexpr int kKilledByUser = 130;

void on_signal(int /*number*/) {
  if (signalled.exchange(true)) {
    _exit(kKilledByUser);
  }
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void ignore_interrupts() {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
}

void request_interrupt() { signalled = true; }

bool interrupted() { return signalled.load(); }

void throw_if_interrupted() {
  if (interrupted()) {
    throw Error(
        ExitCode::interrupted,
        "stopped on request; nothing stands under the output's name, run the same command again");
  }
}

}  // namespace impasto
