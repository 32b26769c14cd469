#include "store/local_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/error.h"

namespace impasto::store {
namespace {

constexpr std::string_view kFile = "file://";
constexpr std::string_view kLocalHost = "localhost";

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned char value = 0;
    if (text[at] == '%' && at + 2 < text.size()) {
      const char* digits = text.data() + at + 1;
      if (std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
        plain += static_cast<char>(value);
        at += 2;
        continue;
      }
    }
    plain += text[at];
  }
  return plain;
}

}  // namespace

std::optional<std::string> scheme_of(std::string_view uri) {
  const std::size_t end = uri.find("://");
  if (end == std::string_view::npos || end == 0) {
    return std::nullopt;
  }
  const std::string_view scheme = uri.substr(0, end);
  const bool is_scheme =
      std::isalpha(static_cast<unsigned char>(scheme.front())) != 0 &&
      std::all_of(scheme.begin(), scheme.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '+' || letter == '-' || letter == '.';
      });
  return is_scheme ? std::optional<std::string>(scheme) : std::nullopt;
}

std::filesystem::path local_path(const std::string& uri) {
  std::string_view rest = uri;
  if (!rest.starts_with(kFile)) {
    return uri;
  }
  rest.remove_prefix(kFile.size());
  if (rest.starts_with(kLocalHost)) {
    rest.remove_prefix(kLocalHost.size());
  }
  if (!rest.starts_with('/')) {
    throw Error(ExitCode::usage,
                fmt::format("{} names another host or a relative path; a file URI is written "
                            "file:///folder/name",
                            uri));
  }
  return unescaped(rest);
}

}  // namespace impasto::store
