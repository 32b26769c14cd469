#include "store/remote/azure_account.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <map>

#include "base/error.h"
#include "store/remote/digest.h"
#include "store/remote/settings.h"

namespace impasto::store::remote {
namespace {

constexpr const char* kVersion = "2021-12-02";

/// What the environment knows of an account.
struct Known {
  std::string account;
  std::string endpoint;
  std::string key;
  std::string sas;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

std::map<std::string, std::string> pairs_of(const std::string& connection) {
  std::map<std::string, std::string> pairs;
  for (std::size_t begin = 0; begin < connection.size();) {
    const std::size_t end = std::min(connection.find(';', begin), connection.size());
    const std::string pair = connection.substr(begin, end - begin);
    const std::size_t equals = pair.find('=');
    if (equals != std::string::npos) {
      pairs[lower(pair.substr(0, equals))] = pair.substr(equals + 1);
    }
    begin = end + 1;
  }
  return pairs;
}

/// The account of the storage emulator, whose key everybody knows.
Known emulator() {
  return {"devstoreaccount1", "http://127.0.0.1:10000/devstoreaccount1",
          "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
          "K1SZFPTOtr/KBHBeksoGMGw==",
          ""};
}

Known from_connection_string(const std::string& connection) {
  auto pairs = pairs_of(connection);
  if (lower(pairs["usedevelopmentstorage"]) == "true") {
    return emulator();
  }
  Known known{pairs["accountname"], pairs["blobendpoint"], pairs["accountkey"],
              pairs["sharedaccesssignature"]};
  if (known.endpoint.empty() && !known.account.empty() && !pairs["endpointsuffix"].empty()) {
    const std::string& protocol = pairs["defaultendpointsprotocol"];
    known.endpoint = fmt::format("{}://{}.blob.{}", protocol.empty() ? "https" : protocol,
                                 known.account, pairs["endpointsuffix"]);
  }
  return known;
}

Known of_environment(const std::string& account) {
  std::string suffix = "_" + account;
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  if (!account.empty()) {
    Known own{account, variable("AZURE_STORAGE_SERVICE_ENDPOINT" + suffix),
              secret("AZURE_STORAGE_KEY" + suffix), secret("AZURE_STORAGE_SAS_TOKEN" + suffix)};
    if (!own.key.empty() || !own.sas.empty() || !own.endpoint.empty()) {
      return own;
    }
  }
  Known known;
  if (const std::string text = secret("AZURE_STORAGE_CONNECTION_STRING"); !text.empty()) {
    known = from_connection_string(text);
  } else {
    known = {variable("AZURE_STORAGE_ACCOUNT"), variable("AZURE_STORAGE_SERVICE_ENDPOINT"),
             secret("AZURE_STORAGE_KEY"), secret("AZURE_STORAGE_SAS_TOKEN")};
  }
  if (account.empty() || known.account.empty() || known.account == account) {
    return known;
  }
  return {};  // of another account
}

/// "Fri, 27 Nov 2026 23:51:50 GMT", whatever the user's language.
std::string now_in_words() {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm now = fmt::gmtime(std::time(nullptr));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     kDays.at(static_cast<std::size_t>(now.tm_wday)), now.tm_mday,
                     kMonths.at(static_cast<std::size_t>(now.tm_mon)), now.tm_year + 1900,
                     now.tm_hour, now.tm_min, now.tm_sec);
}

std::string value_of(const HttpRequest& request, const std::string& name) {
  const auto found = std::find_if(request.headers.begin(), request.headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  return found == request.headers.end() ? "" : found->second;
}

}  // namespace

AzureAccount::AzureAccount(const Place& place, Http& http, const Patience& patience)
    : token_(http, patience) {
  const Known known = of_environment(place.account);
  name_ = place.account.empty() ? known.account : place.account;
  if (name_.empty()) {
    throw Error(ExitCode::usage, fmt::format("'{}' names no storage account; write "
                                             "abfss://{}@ACCOUNT.dfs.core.windows.net/NAME or set "
                                             "AZURE_STORAGE_ACCOUNT",
                                             place.root, place.container));
  }
  endpoint_ = known.endpoint;
  if (endpoint_.empty()) {
    endpoint_ = fmt::format("https://{}.blob.{}", name_,
                            place.domain.empty() ? "core.windows.net" : place.domain);
  }
  while (endpoint_.ends_with('/')) {
    endpoint_.pop_back();
  }
  sas_ = known.sas.starts_with('?') ? known.sas.substr(1) : known.sas;
  key_ = from_base64(known.key);
  if (key_.empty() && !known.key.empty()) {
    throw Error(ExitCode::bad_input,
                fmt::format("the key of the storage account '{}' is no key: it is not in base64; "
                            "copy it anew",
                            name_));
  }
}

HttpRequest AzureAccount::sign(const std::string& container, const AzureRequest& request) {
  HttpRequest result;
  result.method = request.method;
  result.body = request.body;
  result.into = request.into;
  std::string path =
      endpoint_.substr(std::min(endpoint_.find('/', endpoint_.find("://") + 3), endpoint_.size()));
  const std::string server = endpoint_.substr(0, endpoint_.size() - path.size());
  path += "/" + container;
  if (!request.key.empty()) {
    path += "/" + escaped(request.key, true);
  }
  std::string query;
  for (const auto& [name, value] : request.query) {
    query += (query.empty() ? "?" : "&") + name + "=" + escaped(value, false);
  }
  result.headers = request.headers;
  result.headers.emplace_back("x-ms-date", now_in_words());
  result.headers.emplace_back("x-ms-version", kVersion);
  if (!key_.empty()) {
    result.headers.emplace_back("authorization", signature(result, request, path));
  } else if (!sas_.empty()) {
    query += (query.empty() ? "?" : "&") + sas_;
  } else {
    result.headers.emplace_back("authorization", "Bearer " + token_.get(name_));
  }
  result.url = server + path + query;
  return result;
}

std::string AzureAccount::signature(const HttpRequest& signed_request, const AzureRequest& request,
                                    const std::string& path) const {
  std::string text = request.method + "\n\n\n";  // no encoding, no language
  text += request.body.empty() ? "" : std::to_string(request.body.size());
  for (const char* name : {"content-md5", "content-type", "date", "if-modified-since", "if-match",
                           "if-none-match", "if-unmodified-since", "range"}) {
    text += "\n" + value_of(signed_request, name);
  }
  text += "\n";
  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : signed_request.headers) {
    if (name.starts_with("x-ms-")) {
      sorted[name] = value;
    }
  }
  for (const auto& [name, value] : sorted) {
    text += fmt::format("{}:{}\n", name, value);
  }
  text += "/" + name_ + path;
  sorted.clear();
  for (const auto& [name, value] : request.query) {
    sorted[name] = value;
  }
  for (const auto& [name, value] : sorted) {
    text += fmt::format("\n{}:{}", name, value);
  }
  return "SharedKey " + name_ + ":" + hmac_sha256(key_, text);
}

}  // namespace impasto::store::remote
