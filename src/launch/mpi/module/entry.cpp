// Built once with Open MPI's header and once with MPICH's; see launch/mpi/transport.h.
#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "launch/mpi/transport.h"

namespace impasto::launch {
namespace {

constexpr int kTag = 0;

class MpiTransport final : public Transport {
 public:
  MpiTransport() {
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);  // a dead peer ends nobody else
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }

  int count_beside(std::uint64_t value) override {
    MPI_Comm host = MPI_COMM_NULL;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &host);
    int beside = 1;
    MPI_Comm_size(host, &beside);
    std::vector<std::uint64_t> values(static_cast<std::size_t>(beside));
    MPI_Allgather(&value, 1, MPI_UINT64_T, values.data(), 1, MPI_UINT64_T, host);
    MPI_Comm_free(&host);
    return static_cast<int>(std::count(values.begin(), values.end(), value));
  }

  void send(int to, const std::string& text) override {
    forget_sent();
    Sent& letter = sent_.emplace_back();
    letter.text = std::make_unique<std::string>(text);
    if (MPI_Isend(letter.text->data(), static_cast<int>(letter.text->size()), MPI_BYTE, to, kTag,
                  MPI_COMM_WORLD, &letter.request) != MPI_SUCCESS) {
      sent_.pop_back();
    }
  }

  std::optional<Letter> receive() override {
    forget_sent();
    int is_there = 0;
    MPI_Status status;
    if (MPI_Iprobe(MPI_ANY_SOURCE, kTag, MPI_COMM_WORLD, &is_there, &status) != MPI_SUCCESS ||
        is_there == 0) {
      return std::nullopt;
    }
    int length = 0;
    MPI_Get_count(&status, MPI_BYTE, &length);
    Letter letter{status.MPI_SOURCE, std::string(static_cast<std::size_t>(length), '\0')};
    if (MPI_Recv(letter.text.data(), length, MPI_BYTE, letter.from, kTag, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE) != MPI_SUCCESS) {
      return std::nullopt;
    }
    return letter;
  }

  void finish() override {
    while (!sent_.empty()) {
      forget_sent();
      constexpr useconds_t kMicroseconds = 1000;
      usleep(kMicroseconds);
    }
    MPI_Finalize();
  }

 private:
  struct Sent {
    std::unique_ptr<std::string> text;  ///< Where MPI reads it until it is gone.
    MPI_Request request = MPI_REQUEST_NULL;
  };

  void forget_sent() {
    for (auto letter = sent_.begin(); letter != sent_.end();) {
      int gone = 0;
      const int code = MPI_Test(&letter->request, &gone, MPI_STATUS_IGNORE);
      letter = code != MPI_SUCCESS || gone != 0 ? sent_.erase(letter) : std::next(letter);
    }
  }

  int rank_ = 0;
  int size_ = 1;
  std::list<Sent> sent_;
};

}  // namespace
}  // namespace impasto::launch

extern "C" impasto::launch::Transport* impasto_mpi_transport() {
  int level = 0;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS) {
    return nullptr;
  }
  // Lives as long as the process: MPI cannot be begun twice.
  static auto* const kTransport = new impasto::launch::MpiTransport();
  return kTransport;
}
