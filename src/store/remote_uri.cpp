#include "store/remote_uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"
#include "store/local_path.h"

namespace impasto::store {
namespace {

/// What stands in queries that grant access: SAS tokens, signed URLs, and file systems' own ways.
constexpr std::array<std::string_view, 9> kSecretWords = {
    "sig=",        "x-amz-",     "x-goog-",     "access_key", "secret",
    "session_tok", "accountkey", "credential=", "password"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return result;
}

}  // namespace

bool is_remote_scheme(std::string_view scheme) {
  return scheme == "s3" || scheme == "gs" || scheme == "abfs" || scheme == "abfss";
}

bool is_remote(std::string_view uri) {
  const auto scheme = scheme_of(uri);
  return scheme && is_remote_scheme(*scheme);
}

void refuse_credentials(const std::string& uri) {
  const std::size_t start = uri.find("://") + 3;
  const std::size_t path = std::min(uri.find('/', start), uri.size());
  const std::string_view authority = std::string_view(uri).substr(start, path - start);
  const std::size_t at = authority.rfind('@');
  const bool azure = uri.starts_with("abfs");
  const bool in_authority = at != std::string_view::npos &&
                            (!azure || authority.substr(0, at).find(':') != std::string_view::npos);
  const std::size_t query = uri.find('?', start);
  const std::string words = query == std::string::npos ? "" : lower(uri.substr(query + 1));
  const bool in_query =
      std::any_of(kSecretWords.begin(), kSecretWords.end(),
                  [&](std::string_view word) { return words.find(word) != std::string::npos; });
  if (in_authority || in_query) {
    throw Error(ExitCode::usage,
                fmt::format("the {}:// URI holds credentials, which everybody could read; leave "
                            "them out of it and give them by the environment or by a file, as the "
                            "user guide tells under \"Stores\"",
                            uri.substr(0, start - 3)));
  }
}

}  // namespace impasto::store
