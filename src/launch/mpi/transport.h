#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace impasto::launch {

/// A short text from another rank.
struct Letter {
  int from = 0;
  std::string text;
};

/// What is needed of MPI: ranks, and letters between them that nobody waits for. Open MPI and MPICH
/// differ in every type, so each has a module of its own that is built with its header
/// (module/entry.cpp) and loaded at run time. Used on one thread.
class Transport {
 public:
  virtual ~Transport() = default;

  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /// How many ranks on this rank's host have given the same value. All ranks have to ask.
  virtual int count_beside(std::uint64_t value) = 0;
  /// Sends without waiting for it to arrive; letters to one rank arrive in order. One to a rank
  /// that is gone is lost.
  virtual void send(int to, const std::string& text) = 0;
  /// The next letter that has come, from whomever.
  virtual std::optional<Letter> receive() = 0;
  /// Waits for all ranks to do the same; nothing works after it. A process that ends without it
  /// ends, by mpirun, all others.
  virtual void finish() = 0;
};

/// The module's entry: joins the ranks, and waits for them all. Gives nothing where that fails.
using TransportEntry = Transport* (*)();
constexpr const char* kTransportEntry = "impasto_mpi_transport";

}  // namespace impasto::launch
