#pragma once

#include <string>

namespace impasto::store::remote {

/// Where an object is, out of its URI:
///   s3://BUCKET/KEY, gs://BUCKET/KEY
///   abfs[s]://CONTAINER@ACCOUNT.dfs.core.windows.net/KEY, CONTAINER@ACCOUNT/KEY, CONTAINER/KEY
///   abfs[s]://ACCOUNT.blob.core.windows.net/CONTAINER/KEY
/// Nothing is unescaped: keys are written as they are.
struct Place {
  std::string scheme;     ///< "s3", "gs" or "abfs".
  std::string account;    ///< Of Azure; empty where the URI does not tell.
  std::string domain;     ///< What follows "ACCOUNT.blob." in a host; empty where it does not tell.
  std::string container;  ///< Or bucket.
  std::string root;       ///< The URI up to the container, as it was spelt.
  std::string key;        ///< Without slashes at its ends; empty: the container itself.
  bool ends_in_slash = false;

  /// The URI of a key in the same container.
  [[nodiscard]] std::string uri_of(const std::string& other_key) const {
    return root + "/" + other_key;
  }
};

/// Throws Error(usage) for a URI that names no container.
Place parse_place(const std::string& uri);

}  // namespace impasto::store::remote
