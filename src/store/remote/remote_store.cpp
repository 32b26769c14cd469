#include "store/remote/remote_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "store/failure.h"
#include "store/local_source.h"
#include "store/remote/arrow_bucket.h"
#include "store/remote/azure.h"
#include "store/remote/read_ahead.h"
#include "store/remote_uri.h"

namespace impasto::store::remote {
namespace {

Error no_object(const std::string& uri) {
  return {ExitCode::bad_input,
          fmt::format("there is no object '{}'; check the name, and that the environment leads to "
                      "the right store",
                      uri)};
}

/// What has been written lies in a file without a name until it is sent, whole, at the commit:
/// muxers go back to what they wrote, and what does not verify is not sent.
class RemoteSink : public Sink {
 public:
  RemoteSink(std::shared_ptr<Bucket> bucket, std::string key, std::string uri, bool overwrite)
      : bucket_(std::move(bucket)),
        key_(std::move(key)),
        uri_(std::move(uri)),
        overwrite_(overwrite),
        spool_(uri_) {}

  void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    spool_.write_at(offset, bytes);
  }

  std::shared_ptr<Source> reread() override {
    FileDescriptor copy(fcntl(spool_.file().get(), F_DUPFD_CLOEXEC, 0));
    if (!copy.valid()) {
      throw write_failure(uri_, errno);
    }
    return std::make_shared<LocalSource>(std::move(copy), uri_);
  }

  void commit() override {
    if (!committed_) {
      bucket_->upload(key_, spool_, overwrite_);
      committed_ = true;
    }
  }

  [[nodiscard]] const std::string& uri() const override { return uri_; }

 private:
  std::shared_ptr<Bucket> bucket_;
  std::string key_;
  std::string uri_;
  bool overwrite_;
  Spool spool_;
  bool committed_ = false;
};

std::vector<std::string> parts_of(const std::string& key) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    parts.push_back(key.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string below(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

}  // namespace

RemoteStore::RemoteStore(const std::function<bool()>& interrupted)
    : patience_(patience_of_environment(), interrupted), http_(interrupted) {}

std::shared_ptr<Bucket> RemoteStore::bucket_of(const Place& place) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Bucket>& bucket = buckets_[place.root];
  if (!bucket) {
    if (place.scheme == "abfs") {
      bucket = std::make_shared<AzureBucket>(place, http_, patience_);
    } else {
      bucket = std::make_shared<ArrowBucket>(
          place, place.scheme == "s3" ? s3_files(place, patience_) : gs_files(place), patience_);
    }
  }
  return bucket;
}

Kind RemoteStore::kind(const std::string& uri) {
  const Place place = parse_place(uri);
  const Kind kind = bucket_of(place)->kind(place.key);
  return kind == Kind::object && place.ends_in_slash ? Kind::absent : kind;
}

std::shared_ptr<Source> RemoteStore::open(const std::string& uri) {
  const Place place = parse_place(uri);
  const auto bucket = bucket_of(place);
  const auto object =
      place.key.empty() || place.ends_in_slash ? std::nullopt : bucket->find(place.key);
  if (!object) {
    throw bucket->has_folder(place.key)
        ? Error(ExitCode::bad_input, fmt::format("{} is a folder, not an object", uri))
        : no_object(uri);
  }
  return std::make_shared<ReadAhead>(
      uri, object->size,
      [bucket, key = place.key, object = *object](std::uint64_t offset, std::span<std::byte> into) {
        bucket->read(key, object, offset, into);
      });
}

std::unique_ptr<Sink> RemoteStore::create(const std::string& uri, bool overwrite) {
  const Place place = parse_place(uri);
  if (place.key.empty() || place.ends_in_slash) {
    throw Error(ExitCode::bad_input,
                fmt::format("\"{}\" names a folder; give the name of an object", uri));
  }
  const auto bucket = bucket_of(place);
  if (!overwrite && bucket->find(place.key)) {
    throw exists_already(uri);
  }
  bucket->check_writable(place.key);
  return std::make_unique<RemoteSink>(bucket, place.key, uri, overwrite);
}

std::vector<std::string> RemoteStore::list(const std::string& folder_uri) {
  const Place place = parse_place(folder_uri);
  const auto bucket = bucket_of(place);
  std::vector<std::string> found;
  for (const Entry& entry : bucket->list(place.key)) {
    if (!entry.folder && !entry.name.empty() && !entry.name.starts_with('.')) {
      found.push_back(place.uri_of(below(place.key, entry.name)));
    }
  }
  if (found.empty() && bucket->find(place.key)) {
    throw Error(ExitCode::bad_input, fmt::format("{} is an object, not a folder", folder_uri));
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> RemoteStore::glob(const std::string& pattern) {
  const Place place = parse_place(pattern);
  const auto bucket = bucket_of(place);
  const std::vector<std::string> parts = parts_of(place.key);
  std::vector<std::string> folders{""};
  std::vector<std::string> found;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const bool wild = parts[i].find_first_of("*?[") != std::string::npos;
    std::vector<std::string> next;
    for (const std::string& folder : folders) {
      if (!wild && !last) {
        next.push_back(below(folder, parts[i]));
        continue;
      }
      for (const Entry& entry : bucket->list(folder)) {
        if (entry.folder != last &&
            fnmatch(parts[i].c_str(), entry.name.c_str(), FNM_PERIOD) == 0) {
          next.push_back(below(folder, entry.name));
        }
      }
    }
    folders = std::move(next);
  }
  std::transform(folders.begin(), folders.end(), std::back_inserter(found),
                 [&](const std::string& key) { return place.uri_of(key); });
  std::sort(found.begin(), found.end());
  return found;
}

void RemoteStore::remove(const std::string& uri) {
  const Place place = parse_place(uri);
  const auto bucket = bucket_of(place);
  if (place.key.empty()) {
    throw Error(ExitCode::bug, fmt::format("'{}' is a whole container; it is not removed", uri));
  }
  const Kind kind = bucket->kind(place.key);
  if (kind == Kind::object) {
    bucket->remove(place.key);
  } else if (kind == Kind::folder) {
    bucket->remove_folder(place.key);
  }
}

bool RemoteStore::same(const std::string& uri, const std::string& other) {
  if (!is_remote(uri) || !is_remote(other)) {
    return false;
  }
  const Place one = parse_place(uri);
  const Place two = parse_place(other);
  const bool accounts = one.account == two.account || one.account.empty() || two.account.empty();
  return one.scheme == two.scheme && accounts && one.container == two.container &&
         one.key == two.key;
}

std::uint64_t RemoteStore::free_space(const std::string& uri) {
  std::error_code failure;
  struct statvfs status = {};
  if (statvfs(std::filesystem::temp_directory_path(failure).c_str(), &status) != 0) {
    throw write_failure(uri, errno);
  }
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace impasto::store::remote
