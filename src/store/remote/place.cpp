#include "store/remote/place.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace impasto::store::remote {
namespace {

[[noreturn]] void refuse(const std::string& uri, const char* form) {
  throw Error(ExitCode::usage, fmt::format("'{}' names no {}; write {}", uri,
                                           uri.starts_with("abfs") ? "container" : "bucket", form));
}

/// Splits "ACCOUNT.blob.DOMAIN" or "ACCOUNT.dfs.DOMAIN"; a host without dots is an account alone.
void take_host(const std::string& host, Place& place) {
  for (const std::string_view service : {".blob.", ".dfs."}) {
    const std::size_t at = host.find(service);
    if (at != std::string::npos) {
      place.account = host.substr(0, at);
      place.domain = host.substr(at + service.size());
      return;
    }
  }
  place.account = host;
}

}  // namespace

Place parse_place(const std::string& uri) {
  Place place;
  const std::size_t start = uri.find("://") + 3;
  const std::size_t slash = std::min(uri.find('/', start), uri.size());
  std::string authority = uri.substr(start, slash - start);
  std::size_t key = slash;
  place.scheme = uri.substr(0, start - 3);
  if (place.scheme != "abfs" && place.scheme != "abfss") {
    place.container = authority;
    if (place.container.empty()) {
      refuse(uri, (place.scheme + "://BUCKET/NAME").c_str());
    }
  } else {
    constexpr const char* kForm = "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/NAME";
    place.scheme = "abfs";
    const std::size_t at = authority.find('@');
    if (at != std::string::npos) {
      place.container = authority.substr(0, at);
      take_host(authority.substr(at + 1), place);
    } else if (authority.find('.') != std::string::npos) {
      take_host(authority, place);
      const std::size_t begin = std::min(slash + 1, uri.size());
      key = std::min(uri.find('/', begin), uri.size());
      place.container = uri.substr(begin, key - begin);
    } else {
      place.container = authority;
    }
    if (place.container.empty() || (at != std::string::npos && place.account.empty()) ||
        (!place.account.empty() && place.domain.empty() &&
         place.account.find_first_of(".:") != std::string::npos)) {
      refuse(uri, kForm);
    }
  }
  place.root = uri.substr(0, key);
  place.ends_in_slash = uri.ends_with('/');
  const std::size_t first = uri.find_first_not_of('/', key);
  if (first != std::string::npos) {
    place.key = uri.substr(first, uri.find_last_not_of('/') + 1 - first);
  }
  return place;
}

}  // namespace impasto::store::remote
