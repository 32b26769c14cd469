#pragma once

#include <functional>
#include <memory>

#include "base/error.h"
#include "store/remote/bucket.h"
#include "store/remote/patience.h"
#include "store/remote/place.h"

namespace arrow {
class Status;
namespace fs {
class FileSystem;
struct FileInfo;
}  // namespace fs
}  // namespace arrow

namespace impasto::store::remote {

/// A bucket of S3 or of Google Cloud Storage, by Apache Arrow's file systems. Their objects go up
/// in parts and appear in one step. What has arrived is held against what was sent: by the store's
/// MD5 where it tells that, else by reading it back.
class ArrowBucket : public Bucket {
 public:
  ArrowBucket(Place place, std::shared_ptr<arrow::fs::FileSystem> files, const Patience& patience);

  std::optional<Object> find(const std::string& key) override;
  bool has_folder(const std::string& key) override;
  Kind kind(const std::string& key) override;
  void read(const std::string& key, const Object& object, std::uint64_t offset,
            std::span<std::byte> into) override;
  std::vector<Entry> list(const std::string& folder) override;
  void remove(const std::string& key) override;
  void remove_folder(const std::string& key) override;
  void check_writable(const std::string& key) override;
  void upload(const std::string& key, const Spool& content, bool overwrite) override;

 private:
  arrow::fs::FileInfo info_of(const std::string& key);
  [[nodiscard]] std::string path(const std::string& key) const;
  /// Throws what a status means: nothing, TemporaryFailure, or the sentence about a key.
  void check(const arrow::Status& status, const std::string& key) const;
  void send(const std::string& key, const Spool& content);
  [[nodiscard]] Error no_bucket() const;
  [[nodiscard]] bool arrived(const std::string& key, const Spool& content);
  [[nodiscard]] bool reads_back(const std::string& key, const Spool& content);

  Place place_;
  std::shared_ptr<arrow::fs::FileSystem> files_;
  const Patience& patience_;
};

/// The file systems, with what the environment tells of endpoints and credentials. Throws
/// Error(bad_input) for what cannot be used.
std::shared_ptr<arrow::fs::FileSystem> s3_files(const Place& place, const Patience& patience);
std::shared_ptr<arrow::fs::FileSystem> gs_files(const Place& place);

}  // namespace impasto::store::remote
