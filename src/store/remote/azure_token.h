#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "store/remote/http.h"
#include "store/remote/patience.h"

namespace impasto::store::remote {

/// The token by which an identity opens Azure's storage: that of a workload
/// (AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_ID, AZURE_TENANT_ID), of an application
/// (AZURE_CLIENT_SECRET with the same two), or the machine's own managed identity
/// (AZURE_CLIENT_ID chooses among several). Thread-safe.
class AzureToken {
 public:
  AzureToken(Http& http, const Patience& patience) : http_(http), patience_(patience) {}

  /// A token that is valid for some minutes; a new one where the last is not. Throws
  /// Error(bad_input) when there is no identity or it is refused.
  std::string get(const std::string& account);

 private:
  struct Answer;
  void renew(const std::string& account);

  Http& http_;
  const Patience& patience_;
  std::mutex mutex_;
  std::string token_;
  std::chrono::system_clock::time_point until_;
};

}  // namespace impasto::store::remote
