#pragma once

#include "store/store.h"

namespace impasto::store {

/// Files of this machine: plain paths and file:// URIs.
class LocalStore : public Store {
 public:
  Kind kind(const std::string& uri) override;
  std::shared_ptr<Source> open(const std::string& uri) override;
  std::unique_ptr<Sink> create(const std::string& uri, bool overwrite) override;
  std::vector<std::string> list(const std::string& folder_uri) override;
  std::vector<std::string> glob(const std::string& pattern) override;
  void remove(const std::string& uri) override;
  bool same(const std::string& uri, const std::string& other) override;
  std::uint64_t free_space(const std::string& uri) override;
};

}  // namespace impasto::store
