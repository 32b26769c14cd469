#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/remote/azure_token.h"
#include "store/remote/http.h"
#include "store/remote/place.h"

namespace impasto::store::remote {

/// A request to Azure Blob Storage before it has an address and a signature.
struct AzureRequest {
  std::string method = "GET";
  std::string key;
  std::vector<std::pair<std::string, std::string>> query;    ///< Not escaped.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in small letters.
  std::span<const std::byte> body;
  std::span<std::byte> into;
};

/// An account of Azure Blob Storage and what opens it: its key (SharedKey), a SAS token, or, where
/// neither is given, an identity's token.
class AzureAccount {
 public:
  /// The account of a place, with what the environment tells of it:
  ///   AZURE_STORAGE_CONNECTION_STRING, or
  ///   AZURE_STORAGE_ACCOUNT, AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, and
  ///   AZURE_STORAGE_SERVICE_ENDPOINT where it is not https://ACCOUNT.blob.core.windows.net.
  /// Keys and SAS tokens may stand in files (..._FILE), and those of a second account in variables
  /// that end in its name (AZURE_STORAGE_KEY_ACCOUNT).
  /// Throws Error(usage) where no account is named, Error(bad_input) for a key that is none.
  AzureAccount(const Place& place, Http& http, const Patience& patience);

  /// With address, date and signature; these are for now, so each attempt takes a new one. Throws
  /// like AzureToken::get.
  HttpRequest sign(const std::string& container, const AzureRequest& request);

 private:
  [[nodiscard]] std::string signature(const HttpRequest& signed_request,
                                      const AzureRequest& request, const std::string& path) const;

  std::string name_;
  std::string endpoint_;  ///< Without a slash at its end.
  std::string key_;       ///< As bytes.
  std::string sas_;       ///< Without a question mark.
  AzureToken token_;
};

}  // namespace impasto::store::remote
