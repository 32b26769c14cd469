#include "store/remote/azure_token.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "store/remote/settings.h"

namespace impasto::store::remote {
namespace {

using Clock = std::chrono::system_clock;

constexpr const char* kResource = "https://storage.azure.com/";
constexpr std::chrono::minutes kEarly(5);
constexpr int kTriesNear = 3;

struct TokenRequest {
  HttpRequest http;
  std::string form;  ///< Of a POST.
};

/// Whoever can vouch for this process.
TokenRequest request_of_environment() {
  TokenRequest request;
  const std::string client = variable("AZURE_CLIENT_ID");
  const std::string tenant = variable("AZURE_TENANT_ID");
  const std::string assertion = secret("AZURE_FEDERATED_TOKEN");  // or ..._FILE
  const std::string password = secret("AZURE_CLIENT_SECRET");
  if (!client.empty() && !tenant.empty() && !(assertion.empty() && password.empty())) {
    std::string authority = variable("AZURE_AUTHORITY_HOST");
    if (authority.empty()) {
      authority = "https://login.microsoftonline.com";
    }
    while (authority.ends_with('/')) {
      authority.pop_back();
    }
    request.http.method = "POST";
    request.http.url = fmt::format("{}/{}/oauth2/v2.0/token", authority, tenant);
    request.http.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    request.form =
        fmt::format("grant_type=client_credentials&client_id={}&scope={}", escaped(client, false),
                    escaped(std::string(kResource) + ".default", false));
    if (!assertion.empty()) {
      request.form += fmt::format(
          "&client_assertion_type={}&client_assertion={}",
          escaped("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", false), assertion);
    } else {
      request.form += "&client_secret=" + escaped(password, false);
    }
    return request;
  }
  request.http.near = true;
  const std::string endpoint = variable("IDENTITY_ENDPOINT");
  if (!endpoint.empty()) {
    request.http.url =
        fmt::format("{}?api-version=2019-08-01&resource={}", endpoint, escaped(kResource, false));
    request.http.headers = {{"x-identity-header", variable("IDENTITY_HEADER")}};
  } else {
    std::string host = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    request.http.url =
        fmt::format("{}/metadata/identity/oauth2/token?api-version=2018-02-01&resource={}",
                    host.empty() ? "http://169.254.169.254" : host, escaped(kResource, false));
    request.http.headers = {{"metadata", "true"}};
  }
  if (!client.empty()) {
    request.http.url += "&client_id=" + escaped(client, false);
  }
  return request;
}

}  // namespace

std::string AzureToken::get(const std::string& account) {
  const std::lock_guard lock(mutex_);
  if (token_.empty() || Clock::now() + kEarly > until_) {
    renew(account);
  }
  return token_;
}

void AzureToken::renew(const std::string& account) {
  patience_.run("the storage account " + account, [&](int before) {
    TokenRequest request = request_of_environment();
    request.http.body = std::as_bytes(std::span(request.form));
    HttpResponse response;
    try {
      http_.perform(request.http, response);
    } catch (const TemporaryFailure&) {
      if (!request.http.near || before + 1 < kTriesNear) {
        throw;
      }
      throw Error(ExitCode::bad_input,
                  fmt::format("there are no credentials for the storage account '{}': neither a "
                              "key nor a SAS token is given, and this machine has no managed "
                              "identity; see \"Stores\" in the user guide",
                              account));
    }
    if (response.status == 408 || response.status == 429 || response.status >= 500) {
      throw TemporaryFailure(fmt::format("the identity's server answers {}", response.status));
    }
    try {
      const auto json = nlohmann::json::parse(response.body);
      if (response.status / 100 == 2) {
        const auto& seconds = json.at("expires_in");
        const int valid =
            seconds.is_string() ? std::stoi(seconds.get<std::string>()) : seconds.get<int>();
        token_ = json.at("access_token");
        until_ = Clock::now() + std::chrono::seconds(valid);
        return true;
      }
    } catch (const std::exception&) {  // no JSON, or not what was promised
    }
    throw Error(ExitCode::bad_input,
                fmt::format("the identity for the storage account '{}' was refused ({}); check "
                            "AZURE_CLIENT_ID, AZURE_TENANT_ID and the identity's rights",
                            account, response.status));
  });
}

}  // namespace impasto::store::remote
