#pragma once

#include "base/error.h"
#include "store/remote/azure_account.h"
#include "store/remote/bucket.h"
#include "store/remote/patience.h"

namespace impasto::store::remote {

/// A container of Azure Blob Storage, over its own protocol. Arrow's file system for it makes an
/// empty object when it begins to write, and so replaces what was there before anything else is
/// sent; it sends no checksums, begins a whole object anew when a block fails, and takes seconds to
/// remove one, leaving an object for its folder. Here blocks go up with their MD5, which the store
/// checks, and become an object in one step; ranges come with theirs.
class AzureBucket : public Bucket {
 public:
  /// Throws like AzureAccount.
  AzureBucket(Place place, Http& http, const Patience& patience);

  std::optional<Object> find(const std::string& key) override;
  bool has_folder(const std::string& key) override;
  void read(const std::string& key, const Object& object, std::uint64_t offset,
            std::span<std::byte> into) override;
  std::vector<Entry> list(const std::string& folder) override;
  void remove(const std::string& key) override;
  void remove_folder(const std::string& key) override;
  void check_writable(const std::string& key) override;
  void upload(const std::string& key, const Spool& content, bool overwrite) override;

 private:
  /// One that is tried again until it is answered. Gives answers of 2xx and of 404, 409, 412 and
  /// 416, which callers know what to do about; throws the sentence for others.
  HttpResponse send(const AzureRequest& request);
  HttpResponse attempt(const AzureRequest& request);
  void read_piece(const std::string& key, const Object& object, std::uint64_t offset,
                  std::span<std::byte> into);
  /// Calls `see` with the answers, page by page, until it says no.
  void pages(const std::string& prefix, bool one_level,
             const std::function<bool(const std::string& xml)>& see);
  bool send_whole(const std::string& key, const Spool& content);
  bool send_blocks(const std::string& key, const Spool& content, bool overwrite);
  bool is_committed(const std::string& key, const HttpResponse& response, std::uint64_t size,
                    const std::string& sum);
  [[nodiscard]] Error refusal(const std::string& key, const HttpResponse& response) const;

  Place place_;
  Http& http_;
  const Patience& patience_;
  AzureAccount account_;
};

}  // namespace impasto::store::remote
