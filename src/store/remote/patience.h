#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

namespace impasto::store::remote {

/// A failure that may pass by itself: a connection that broke, a store that is overloaded or away.
class TemporaryFailure : public std::runtime_error {
 public:
  explicit TemporaryFailure(const std::string& why,
                            std::optional<std::chrono::seconds> wait = std::nullopt)
      : std::runtime_error(why), wait_(wait) {}

  /// How long the store asked to be left alone.
  [[nodiscard]] std::optional<std::chrono::seconds> wait() const { return wait_; }

 private:
  std::optional<std::chrono::seconds> wait_;
};

/// How long and in what rhythm something is tried again: pauses grow from a fifth of a second to
/// ten, each a little shorter or longer by chance, so that many workers do not come back at once.
class Patience {
 public:
  /// `interrupted` tells whether the user wants to stop.
  Patience(std::chrono::milliseconds total, std::function<bool()> interrupted)
      : total_(total), interrupted_(std::move(interrupted)) {}

  /// Calls `attempt` until it does not throw TemporaryFailure. It gets to know how often it has
  /// been called before, and says false when it got a part further: then waiting begins anew.
  /// Throws Error(unavailable) that names `uri` when the patience is at its end, Error(interrupted)
  /// when the user wants to stop; whatever else `attempt` throws.
  void run(const std::string& uri, const std::function<bool(int before)>& attempt) const;

  /// Throws Error(interrupted) when the user wants to stop.
  void check_interrupted() const;
  [[nodiscard]] bool is_interrupted() const { return interrupted_(); }
  [[nodiscard]] std::chrono::milliseconds total() const { return total_; }

 private:
  void wait(std::chrono::milliseconds time) const;

  std::chrono::milliseconds total_;
  std::function<bool()> interrupted_;
};

/// The pause before attempt number `before` + 1, without the store's own wish.
std::chrono::milliseconds pause_before(int before);

/// Five minutes, or what IMPASTO_STORE_PATIENCE says in seconds.
std::chrono::milliseconds patience_of_environment();

}  // namespace impasto::store::remote
