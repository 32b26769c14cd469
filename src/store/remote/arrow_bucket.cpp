#include "store/remote/arrow_bucket.h"

#include <arrow/filesystem/filesystem.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/error.h"
#include "store/failure.h"
#include "store/remote/digest.h"

namespace impasto::store::remote {
namespace {

using arrow::fs::FileType;

constexpr std::size_t kPart = std::size_t{10}
                              << 20U;  // of an object in several parts, as Arrow has
constexpr std::size_t kSmallest = std::size_t{256} << 10U;
constexpr int kUploads = 3;

/// The store's own word for a failure; its sentences may hold more than others should read.
std::string word_of(const arrow::Status& status) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kAround = {
      {{"AWS Error ", " during"}, {"google::cloud::Status(", ":"}}};
  const std::string text = status.ToString();
  for (const auto& [before, after] : kAround) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) {
      continue;
    }
    const std::size_t begin = at + before.size();
    std::string word = text.substr(begin, text.find(after, begin) - begin);
    word.erase(std::min(word.find(" ("), word.size()));
    if (const std::size_t http = text.find("HTTP status "); http != std::string::npos) {
      return word + ", " + text.substr(http, std::string("HTTP status 000").size());
    }
    return word;
  }
  return status.CodeAsString();
}

/// Stores that speak an older S3 want another checksum with a list of objects to be removed.
bool wants_them_one_by_one(const arrow::Status& status) {
  return status.message().find("DeleteObjects operation: Missing required header") !=
         std::string::npos;
}

bool has_any(const std::string& word, std::initializer_list<std::string_view> list) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view one) { return word.find(one) != std::string::npos; });
}

bool is_missing(const arrow::Status& status) {
  return status.detail() && status.detail()->ToString().find("[errno 2]") != std::string::npos;
}

bool is_no_bucket(const std::string& word) { return has_any(word, {"NO_SUCH_BUCKET"}); }

bool is_not_permitted(const std::string& word) {
  return has_any(word, {"ACCESS_DENIED", "INVALID_ACCESS_KEY", "SIGNATURE_DOES_NOT_MATCH",
                        "INVALID_SIGNATURE", "UNRECOGNIZED_CLIENT", "EXPIRED_TOKEN",
                        "INVALID_CLIENT_TOKEN", "MISSING_AUTHENTICATION", "PERMISSION_DENIED",
                        "UNAUTHENTICATED", "HTTP status 401", "HTTP status 403"});
}

bool is_refused(const std::string& word) {
  return has_any(word, {"HTTP status 400", "HTTP status 404", "HTTP status 405", "HTTP status 409",
                        "HTTP status 412", "HTTP status 501", "NO_SUCH", "INVALID_", "NOT_FOUND",
                        "NotImplemented", "VALIDATION"});
}

/// The MD5 that S3 calls ETag: of the bytes, or of the parts' MD5s, with their number.
std::string etag_of(const Spool& content) {
  std::vector<std::byte> bytes(kPart);
  Md5 parts;
  Md5 whole;
  std::size_t count = 0;
  for (std::uint64_t offset = 0;; offset += kPart, ++count) {
    const std::span<const std::byte> part(bytes.data(), content.read_at(offset, bytes));
    if (part.empty() && count > 0) {
      break;
    }
    whole.update(part);
    const Md5Sum sum = md5(part);
    parts.update(std::as_bytes(std::span(sum)));
  }
  return count == 1 ? hex(whole.end()) : fmt::format("{}-{}", hex(parts.end()), count);
}

}  // namespace

ArrowBucket::ArrowBucket(Place place, std::shared_ptr<arrow::fs::FileSystem> files,
                         const Patience& patience)
    : place_(std::move(place)), files_(std::move(files)), patience_(patience) {}

std::string ArrowBucket::path(const std::string& key) const {
  return key.empty() ? place_.container : place_.container + "/" + key;
}

void ArrowBucket::check(const arrow::Status& status, const std::string& key) const {
  if (status.ok()) {
    return;
  }
  patience_.check_interrupted();
  const std::string uri = place_.uri_of(key);
  const std::string word = word_of(status);
  if (is_no_bucket(word)) {
    throw Error(
        ExitCode::bad_input,
        fmt::format("there is no bucket '{}'; check its name, or make it first", place_.root));
  }
  if (is_missing(status)) {
    throw Error(ExitCode::bad_input,
                fmt::format("there is no object '{}'; check the name and the bucket", uri));
  }
  if (is_not_permitted(word)) {
    throw Error(ExitCode::bad_input,
                fmt::format("the store does not permit this with '{}' ({}); check the "
                            "credentials and their rights",
                            uri, word));
  }
  if (is_refused(word) || !status.IsIOError()) {
    throw Error(ExitCode::bad_input,
                fmt::format("the store refuses what was asked of '{}' ({}); check the name, the "
                            "region and the endpoint",
                            uri, word));
  }
  throw TemporaryFailure(word);
}

arrow::fs::FileInfo ArrowBucket::info_of(const std::string& key) {
  arrow::fs::FileInfo found;
  patience_.run(place_.uri_of(key), [&](int /*before*/) {
    const auto info = files_->GetFileInfo(path(key));
    check(info.status(), key);
    found = *info;
    return true;
  });
  return found;
}

std::optional<Object> ArrowBucket::find(const std::string& key) {
  const arrow::fs::FileInfo info = info_of(key);
  return info.type() == FileType::File
             ? std::optional(Object{static_cast<std::uint64_t>(info.size()), ""})
             : std::nullopt;
}

bool ArrowBucket::has_folder(const std::string& key) {
  return info_of(key).type() == FileType::Directory;
}

Kind ArrowBucket::kind(const std::string& key) {
  const FileType type = info_of(key).type();
  return type == FileType::File        ? Kind::object
         : type == FileType::Directory ? Kind::folder
                                       : Kind::absent;
}

void ArrowBucket::read(const std::string& key, const Object& object, std::uint64_t offset,
                       std::span<std::byte> into) {
  arrow::fs::FileInfo info(path(key), FileType::File);
  info.set_size(static_cast<std::int64_t>(object.size));
  std::size_t done = 0;
  std::size_t piece = into.size();
  patience_.run(place_.uri_of(key), [&](int /*before*/) {
    const auto file = files_->OpenInputFile(info);
    check(file.status(), key);
    const std::size_t size = std::min(piece, into.size() - done);
    const auto count = (*file)->ReadAt(static_cast<std::int64_t>(offset + done),
                                       static_cast<std::int64_t>(size), into.data() + done);
    if (!count.ok()) {
      piece = std::max(piece / 2, kSmallest);  // through a line that breaks, small pieces come
    }
    check(count.status(), key);
    if (*count <= 0) {
      throw TemporaryFailure("it gives less than was asked for");
    }
    done += static_cast<std::size_t>(*count);
    return done == into.size();
  });
}

std::vector<Entry> ArrowBucket::list(const std::string& folder) {
  std::vector<Entry> entries;
  arrow::fs::FileSelector selector;
  selector.base_dir = path(folder);
  selector.recursive = place_.scheme == "gs";  // else folders without a mark are left out
  patience_.run(place_.uri_of(folder), [&](int /*before*/) {
    const auto infos = files_->GetFileInfo(selector);
    check(infos.status(), folder);
    entries.clear();
    std::set<std::string> folders;
    for (const arrow::fs::FileInfo& info : *infos) {
      const std::string name = info.path().substr(selector.base_dir.size() + 1);
      if (const std::size_t slash = name.find('/'); slash != std::string::npos) {
        folders.insert(name.substr(0, slash));
      } else if (info.type() == FileType::Directory) {
        folders.insert(name);
      } else {
        entries.push_back({name, false});
      }
    }
    for (const std::string& name : folders) {
      entries.push_back({name, true});
    }
    return true;
  });
  return entries;
}

void ArrowBucket::remove(const std::string& key) {
  patience_.run(place_.uri_of(key), [&](int /*before*/) {
    const arrow::Status status = files_->DeleteFile(path(key));
    if (!is_missing(status)) {
      check(status, key);
    }
    return true;
  });
}

void ArrowBucket::remove_folder(const std::string& key) {
  patience_.run(place_.uri_of(key), [&](int /*before*/) {
    const arrow::Status status = files_->DeleteDir(path(key));
    if (wants_them_one_by_one(status)) {
      for (const Entry& entry : list(key)) {
        const std::string below = key + "/" + entry.name;
        entry.folder ? remove_folder(below) : remove(below);
      }
      return false;  // once more, for the mark that is left of the folder
    }
    if (!is_missing(status)) {
      check(status, key);
    }
    return true;
  });
}

void ArrowBucket::check_writable(const std::string& key) {
  if (place_.scheme == "gs") {
    // Nothing that has begun here can be given up; that the bucket is there is all that is asked.
    if (!has_folder("")) {
      throw no_bucket();
    }
    return;
  }
  patience_.run(place_.uri_of(key), [&](int /*before*/) {
    const auto stream = files_->OpenOutputStream(path(key), nullptr);
    check(stream.status(), key);
    static_cast<void>((*stream)->Abort());  // begun in parts, and given up
    return true;
  });
}

Error ArrowBucket::no_bucket() const {
  return {ExitCode::bad_input,
          fmt::format("there is no bucket '{}'; check its name, or make it first", place_.root)};
}

void ArrowBucket::send(const std::string& key, const Spool& content) {
  const auto opened = files_->OpenOutputStream(path(key), nullptr);
  check(opened.status(), key);
  const std::shared_ptr<arrow::io::OutputStream>& stream = *opened;
  try {
    std::vector<std::byte> bytes(kPart);
    std::uint64_t offset = 0;
    while (const std::size_t count = content.read_at(offset, bytes)) {
      patience_.check_interrupted();
      check(stream->Write(bytes.data(), static_cast<std::int64_t>(count)), key);
      offset += count;
    }
    check(stream->Close(), key);
  } catch (...) {
    if (place_.scheme == "gs") {
      // Its stream would make an object of what has been sent when it goes; so it stays.
      static_cast<void>(new std::shared_ptr<arrow::io::OutputStream>(stream));
    } else {
      static_cast<void>(stream->Abort());
    }
    throw;
  }
}

void ArrowBucket::upload(const std::string& key, const Spool& content, bool overwrite) {
  const std::string uri = place_.uri_of(key);
  if (!overwrite && find(key)) {
    throw exists_already(uri);  // S3's ways to leave that to the store are not to be had everywhere
  }
  for (int round = 0; round < kUploads; ++round) {
    patience_.run(uri, [&](int /*before*/) {
      send(key, content);
      return true;
    });
    if (arrived(key, content)) {
      return;
    }
  }
  throw Error(ExitCode::unavailable,
              fmt::format("'{}' is not what was sent, three times over; check the network and what "
                          "else writes there, and run the same command again",
                          uri));
}

bool ArrowBucket::arrived(const std::string& key, const Spool& content) {
  std::string etag;
  std::uint64_t size = 0;
  patience_.run(place_.uri_of(key), [&](int /*before*/) {
    const auto file = files_->OpenInputFile(path(key));
    check(file.status(), key);
    const auto length = (*file)->GetSize();
    check(length.status(), key);
    size = static_cast<std::uint64_t>(*length);
    if (const auto metadata = (*file)->ReadMetadata(); metadata.ok() && *metadata) {
      etag = (*metadata)->Get("ETag").ValueOr("");
    }
    return true;
  });
  std::erase(etag, '"');
  return size == content.size() && (etag == etag_of(content) || reads_back(key, content));
}

bool ArrowBucket::reads_back(const std::string& key, const Spool& content) {
  const Object object{content.size(), ""};
  std::vector<std::byte> here(kPart);
  std::vector<std::byte> there(kPart);
  for (std::uint64_t offset = 0; offset < object.size; offset += kPart) {
    const std::span<std::byte> part(here.data(), content.read_at(offset, here));
    const std::span<std::byte> other = std::span(there).first(part.size());
    read(key, object, offset, other);
    if (!std::equal(part.begin(), part.end(), other.begin())) {
      return false;
    }
  }
  return true;
}

}  // namespace impasto::store::remote
