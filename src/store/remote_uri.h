#pragma once

#include <string>
#include <string_view>

namespace impasto::store {

/// Whether a scheme ("s3") is one of an object store: s3, gs, abfs, abfss.
bool is_remote_scheme(std::string_view scheme);
/// Whether a URI or path leads to an object store.
bool is_remote(std::string_view uri);

/// Throws Error(usage) for a URI with a key, a password or a signature in it: command lines are
/// seen by everybody on the machine, and URIs stand in plans and reports. The sentence does not
/// repeat them.
void refuse_credentials(const std::string& uri);

}  // namespace impasto::store
