#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/remote/bucket.h"
#include "store/remote/http.h"
#include "store/remote/patience.h"
#include "store/remote/place.h"
#include "store/store.h"

namespace impasto::store::remote {

/// All object stores: s3://, gs://, abfs[s]://. Thread-safe.
class RemoteStore : public Store {
 public:
  explicit RemoteStore(const std::function<bool()>& interrupted);

  Kind kind(const std::string& uri) override;
  std::shared_ptr<Source> open(const std::string& uri) override;
  std::unique_ptr<Sink> create(const std::string& uri, bool overwrite) override;
  std::vector<std::string> list(const std::string& folder_uri) override;
  std::vector<std::string> glob(const std::string& pattern) override;
  void remove(const std::string& uri) override;
  bool same(const std::string& uri, const std::string& other) override;
  std::uint64_t free_space(const std::string& uri) override;

 private:
  std::shared_ptr<Bucket> bucket_of(const Place& place);

  Patience patience_;
  Http http_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Bucket>> buckets_;  ///< By the URI up to the container.
};

}  // namespace impasto::store::remote
