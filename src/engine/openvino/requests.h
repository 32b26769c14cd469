#pragma once

#include <condition_variable>
#include <mutex>
#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <vector>

namespace impasto::engine::openvino {

/// Requests that wait for a caller. Handing them out is all the queueing there is: callers run the
/// network on the device's streams and wait for it themselves.
class RequestPool {
 public:
  RequestPool(ov::CompiledModel& net, int count) {
    for (int index = 0; index < count; ++index) {
      free_.push_back(net.create_infer_request());
    }
  }

  ov::InferRequest take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !free_.empty(); });
    ov::InferRequest request = std::move(free_.back());
    free_.pop_back();
    return request;
  }

  void give_back(ov::InferRequest request) {
    {
      const std::lock_guard lock(mutex_);
      free_.push_back(std::move(request));
    }
    returned_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<ov::InferRequest> free_;
};

/// A request out of the pool for as long as it lives.
class Loan {
 public:
  explicit Loan(RequestPool& pool) : pool_(pool), request_(pool.take()) {}
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() { pool_.give_back(std::move(request_)); }

  ov::InferRequest& operator*() { return request_; }

 private:
  RequestPool& pool_;
  ov::InferRequest request_;
};

}  // namespace impasto::engine::openvino
