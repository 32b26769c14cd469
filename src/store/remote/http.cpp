#include "store/remote/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>

#include "base/error.h"
#include "store/remote/patience.h"

namespace impasto::store::remote {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kSilentSeconds = 30;  // without a byte: the connection is taken for dead
constexpr std::size_t kMostBody = std::size_t{64} << 20U;

/// One exchange, as libcurl's callbacks see it.
struct Exchange {
  const HttpRequest* request = nullptr;
  const std::function<bool()>* interrupted = nullptr;
  HttpResponse* response = nullptr;
  std::size_t sent = 0;
};

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return "";
  }
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first));
}

std::size_t on_header(const char* data, std::size_t size, std::size_t count, void* self) {
  HttpResponse& response = *static_cast<Exchange*>(self)->response;
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {  // of the last answer of several (100 Continue, proxies)
    response.headers.clear();
    const std::size_t space = line.find(' ');
    response.status =
        space == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(space)).c_str());
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    response.headers[name] = trimmed(line.substr(colon + 1));
  }
  return size * count;
}

std::size_t on_body(const char* data, std::size_t size, std::size_t count, void* self) {
  const auto& exchange = *static_cast<Exchange*>(self);
  HttpResponse& response = *exchange.response;
  const std::size_t bytes = size * count;
  const std::span<std::byte> into = exchange.request->into;
  if (!into.empty() && response.status / 100 == 2) {
    if (bytes > into.size() - response.received) {
      return 0;  // more than was asked for
    }
    std::memcpy(into.data() + response.received, data, bytes);
    response.received += bytes;
  } else if (response.body.size() + bytes > kMostBody) {
    return 0;
  } else {
    response.body.append(data, bytes);
  }
  return bytes;
}

std::size_t on_send(char* into, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::span<const std::byte> rest = exchange.request->body.subspan(exchange.sent);
  const std::size_t bytes = std::min(size * count, rest.size());
  std::memcpy(into, rest.data(), bytes);
  exchange.sent += bytes;
  return bytes;
}

int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<Exchange*>(self)->interrupted)() ? 1 : 0;
}

struct HeadersFree {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, HeadersFree>;

Headers headers_of(const HttpRequest& request) {
  Headers list;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) {
      throw std::bad_alloc();
    }
    if (!list) {
      list.reset(longer);  // of a list that is there, the beginning stays
    }
  };
  for (const auto& [name, value] : request.headers) {
    add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  add("Expect:");  // saves a way there and back for every block
  add("Transfer-Encoding:");
  return list;
}

void set_up(CURL* curl, const HttpRequest& request, Exchange& exchange, const Headers& headers) {
  curl_easy_reset(curl);  // keeps the connections
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, request.near ? 2L : kConnectSeconds);
  if (request.near) {
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  }
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  if (const char* certificates = std::getenv("SSL_CERT_FILE")) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, certificates);
  }
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, &on_send);
    curl_easy_setopt(curl, CURLOPT_READDATA, &exchange);
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

[[noreturn]] void throw_failure(CURLcode code, const HttpRequest& request) {
  const std::size_t start = request.url.find("://") + 3;
  const std::string host = request.url.substr(start, request.url.find('/', start) - start);
  const std::string why = fmt::format("{}: {}", host, curl_easy_strerror(code));
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      throw Error(ExitCode::unavailable,
                  fmt::format("the store's server cannot be trusted or reached ({}); check the "
                              "endpoint, the clock, and the system's certificates (SSL_CERT_FILE)",
                              why));
    default:
      throw TemporaryFailure(why);
  }
}

}  // namespace

void Http::Free::operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }

Http::~Http() = default;

Http::Handle Http::take() {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Handle handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  Handle handle(kReady == CURLE_OK ? curl_easy_init() : nullptr);
  if (!handle) {
    throw std::bad_alloc();
  }
  return handle;
}

void Http::give_back(Handle handle) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(handle));
}

void Http::perform(const HttpRequest& request, HttpResponse& response) {
  Handle handle = take();
  response = {};
  Exchange exchange{&request, &interrupted_, &response, 0};
  const Headers headers = headers_of(request);
  set_up(handle.get(), request, exchange, headers);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_OK) {
    give_back(std::move(handle));
    return;
  }
  if (interrupted_()) {
    throw Error(
        ExitCode::interrupted,
        "stopped on request; nothing stands under the output's name, run the same command again");
  }
  throw_failure(code, request);
}

std::string escaped(const std::string& text, bool keep_slashes) {
  std::string result;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalnum(byte) != 0 || std::strchr("-._~", letter) != nullptr ||
        (keep_slashes && letter == '/')) {
      result += letter;
    } else {
      result += fmt::format("%{:02X}", byte);
    }
  }
  return result;
}

}  // namespace impasto::store::remote
