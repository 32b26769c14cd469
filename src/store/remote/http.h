#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

using CURL = void;

namespace impasto::store::remote {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::span<const std::byte> body;
  std::span<std::byte> into;  ///< Where the body of an answer with a 2xx status goes.
  bool near = false;          ///< A server of this machine's host: no proxy, and little patience.
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< By names in small letters.
  std::string body;                            ///< What did not go `into` the request's own place.
  std::size_t received = 0;                    ///< Bytes that did.

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// HTTP over connections that are kept. Thread-safe. Servers' certificates are checked against the
/// system's, or those of SSL_CERT_FILE; proxies are those of the environment.
class Http {
 public:
  explicit Http(std::function<bool()> interrupted) : interrupted_(std::move(interrupted)) {}
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;
  ~Http();

  /// One exchange. `response` has what came of it also when the connection breaks. Throws
  /// TemporaryFailure when no whole answer comes, Error(unavailable) when the server cannot be
  /// trusted, Error(interrupted).
  void perform(const HttpRequest& request, HttpResponse& response);

 private:
  struct Free {
    void operator()(CURL* handle) const noexcept;
  };
  using Handle = std::unique_ptr<CURL, Free>;

  Handle take();
  void give_back(Handle handle);

  std::function<bool()> interrupted_;
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

/// Everything but letters, digits and "-._~" (and "/" where told) as %XX.
std::string escaped(const std::string& text, bool keep_slashes);

}  // namespace impasto::store::remote
