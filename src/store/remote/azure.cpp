#include "store/remote/azure.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <utility>

#include "base/error.h"
#include "store/failure.h"
#include "store/remote/digest.h"
#include "store/remote/xml.h"

namespace impasto::store::remote {
namespace {

constexpr std::size_t kPiece = std::size_t{4} << 20U;  // the most that a range's MD5 is given for
constexpr std::uint64_t kBlock = std::uint64_t{8} << 20U;
constexpr std::uint64_t kMostBlocks = 40'000;  // of 50,000 that an object may have
constexpr int kUploads = 5;

constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kPrecondition = 412;
constexpr int kNotInRange = 416;

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string code_of(const HttpResponse& response) {
  std::string code = response.header("x-ms-error-code");
  return code.empty() ? text_of(response.body, "Code") : code;
}

/// Blocks of one upload have names of their own, so that two that run at once do not mix.
class BlockNames {
 public:
  BlockNames() : upload_(std::random_device{}()) {}

  [[nodiscard]] std::string operator()(std::size_t number) const {
    const std::string name = fmt::format("{:08x}-{:08}", upload_, number);
    return base64({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
  }

 private:
  unsigned upload_;
};

std::string folder_prefix(const std::string& key) { return key.empty() ? "" : key + "/"; }

}  // namespace

AzureBucket::AzureBucket(Place place, Http& http, const Patience& patience)
    : place_(std::move(place)),
      http_(http),
      patience_(patience),
      account_(place_, http, patience) {}

Error AzureBucket::refusal(const std::string& key, const HttpResponse& response) const {
  const std::string uri = place_.uri_of(key);
  const std::string told = fmt::format("{} {}", response.status, code_of(response));
  switch (response.status) {
    case 401:
    case 403:
      return {ExitCode::bad_input,
              fmt::format("the store does not permit this with '{}' ({}); check the key, the SAS "
                          "token's rights and end, or the identity's role",
                          uri, told)};
    case kNotFound:
      return {ExitCode::bad_input,
              code_of(response) == "ContainerNotFound"
                  ? fmt::format("there is no container '{}'; check its name, or make it first",
                                place_.root)
                  : fmt::format("there is no object '{}'; check the name and the container", uri)};
    case kPrecondition:
      return {ExitCode::bad_input,
              fmt::format("'{}' was replaced while it was being read; run the same command again",
                          uri)};
    default:
      return {
          ExitCode::bad_input,
          fmt::format("the store refuses what was asked of '{}' ({}); check the name", uri, told)};
  }
}

HttpResponse AzureBucket::attempt(const AzureRequest& request) {
  HttpResponse response;
  http_.perform(account_.sign(place_.container, request), response);
  const int status = response.status;
  if (status == 408 || status == 429 || status >= 500) {
    const std::uint64_t wait = number(response.header("retry-after"));
    throw TemporaryFailure(fmt::format("it answers {} {}", status, code_of(response)),
                           std::chrono::seconds(std::min<std::uint64_t>(wait, 60)));
  }
  const bool told = status / 100 == 2 || status == kNotFound || status == kConflict ||
                    status == kPrecondition || status == kNotInRange ||
                    code_of(response) == "InvalidBlockList";
  if (!told) {
    throw refusal(request.key, response);
  }
  return response;
}

HttpResponse AzureBucket::send(const AzureRequest& request) {
  HttpResponse response;
  patience_.run(place_.uri_of(request.key), [&](int /*before*/) {
    response = attempt(request);
    return true;
  });
  return response;
}

std::optional<Object> AzureBucket::find(const std::string& key) {
  const HttpResponse response = send({"HEAD", key, {}, {}, {}, {}});
  if (response.status == kNotFound || response.header("x-ms-meta-hdi_isfolder") == "true") {
    return std::nullopt;
  }
  if (response.status / 100 != 2) {
    throw refusal(key, response);
  }
  return Object{number(response.header("content-length")), response.header("etag")};
}

bool AzureBucket::has_folder(const std::string& key) {
  bool found = false;
  try {
    AzureRequest request{"GET", "", {}, {}, {}, {}};
    request.query = {{"comp", "list"}, {"maxresults", "1"}, {"restype", "container"}};
    if (!key.empty()) {
      request.query.emplace_back("prefix", folder_prefix(key));
    }
    const HttpResponse response = send(request);
    found = response.status / 100 == 2 && (key.empty() || !elements(response.body, "Blob").empty());
  } catch (const Error& error) {
    if (error.code() != ExitCode::bad_input) {
      throw;
    }
    return key.empty();  // who may not list may still read and write objects
  }
  return found;
}

void AzureBucket::read(const std::string& key, const Object& object, std::uint64_t offset,
                       std::span<std::byte> into) {
  while (!into.empty()) {
    const std::size_t size = std::min(into.size(), kPiece);
    read_piece(key, object, offset, into.first(size));
    into = into.subspan(size);
    offset += size;
  }
}

void AzureBucket::read_piece(const std::string& key, const Object& object, std::uint64_t offset,
                             std::span<std::byte> into) {
  std::size_t done = 0;
  std::string sum;  // of all of it, as the first answer tells
  patience_.run(place_.uri_of(key), [&](int /*before*/) {
    AzureRequest request{"GET", key, {}, {}, {}, into.subspan(done)};
    request.headers = {
        {"x-ms-range", fmt::format("bytes={}-{}", offset + done, offset + into.size() - 1)},
        {"x-ms-range-get-content-md5", "true"}};
    if (!object.version.empty()) {
      request.headers.emplace_back("if-match", object.version);
    }
    HttpResponse response;
    bool broken = false;
    try {
      http_.perform(account_.sign(place_.container, request), response);
    } catch (const TemporaryFailure&) {
      if (response.received == 0) {
        throw;
      }
      broken = true;  // goes on where it broke
    }
    if (response.status == 408 || response.status == 429 || response.status >= 500) {
      throw TemporaryFailure(fmt::format("it answers {} {}", response.status, code_of(response)));
    }
    if (response.status / 100 != 2) {
      throw refusal(key, response);
    }
    if (done == 0) {
      sum = response.header("content-md5");
    }
    done += response.received;
    if (done < into.size()) {
      if (!broken && response.received == 0) {
        throw TemporaryFailure("it gives less than was asked for");
      }
      return false;
    }
    if (!sum.empty() && base64(md5(into)) != sum) {
      done = 0;
      throw TemporaryFailure("what arrived is not what was sent, by its MD5");
    }
    return true;
  });
}

void AzureBucket::pages(const std::string& prefix, bool one_level,
                        const std::function<bool(const std::string& xml)>& see) {
  std::string marker;
  do {
    AzureRequest request{"GET", "", {}, {}, {}, {}};
    request.query = {{"comp", "list"}, {"prefix", prefix}, {"restype", "container"}};
    if (one_level) {
      request.query.emplace_back("delimiter", "/");
    }
    if (!marker.empty()) {
      request.query.emplace_back("marker", marker);
    }
    const HttpResponse response = send(request);
    if (response.status / 100 != 2) {
      throw refusal(prefix, response);
    }
    if (!see(response.body)) {
      return;
    }
    marker = text_of(response.body, "NextMarker");
  } while (!marker.empty());
}

std::vector<Entry> AzureBucket::list(const std::string& folder) {
  const std::string prefix = folder_prefix(folder);
  std::vector<Entry> entries;
  pages(prefix, true, [&](const std::string& xml) {
    for (const std::string_view blob : elements(xml, "Blob")) {
      entries.push_back({text_of(blob, "Name").substr(prefix.size()), false});
    }
    for (const std::string_view one : elements(xml, "BlobPrefix")) {
      std::string name = text_of(one, "Name").substr(prefix.size());
      name.pop_back();  // the slash
      std::erase_if(entries, [&](const Entry& entry) { return entry.name == name; });
      entries.push_back({name, true});
    }
    return true;
  });
  return entries;
}

void AzureBucket::remove(const std::string& key) {
  AzureRequest request{"DELETE", key, {}, {{"x-ms-delete-snapshots", "include"}}, {}, {}};
  const HttpResponse response = send(request);
  if (response.status / 100 != 2 && response.status != kNotFound) {
    throw refusal(key, response);
  }
}

void AzureBucket::remove_folder(const std::string& key) {
  std::vector<std::string> keys;
  pages(folder_prefix(key), false, [&](const std::string& xml) {
    for (const std::string_view blob : elements(xml, "Blob")) {
      keys.push_back(text_of(blob, "Name"));
    }
    return true;
  });
  // What is deeper first: accounts with real folders remove empty ones alone.
  std::sort(keys.rbegin(), keys.rend());
  for (const std::string& one : keys) {
    remove(one);
  }
}

void AzureBucket::check_writable(const std::string& key) {
  // A block that never becomes part of an object is seen by nobody and forgotten after a week.
  constexpr std::string_view kNothing = "impasto";
  const HttpResponse response = send({"PUT",
                                      key,
                                      {{"blockid", BlockNames()(0)}, {"comp", "block"}},
                                      {},
                                      std::as_bytes(std::span(kNothing)),
                                      {}});
  // Conflict: there are blocks with names of another length, of another program.
  if (response.status / 100 != 2 && response.status != kConflict) {
    throw refusal(key, response);
  }
}

void AzureBucket::upload(const std::string& key, const Spool& content, bool overwrite) {
  // What must not be there yet goes up in blocks whatever its size: to some servers the block of
  // check_writable() counts as something that is there when an object is sent at once.
  const bool in_blocks = content.size() > kBlock || !overwrite;
  for (int round = 0; round < kUploads; ++round) {
    if (in_blocks ? send_blocks(key, content, overwrite) : send_whole(key, content)) {
      return;
    }
  }
  throw Error(ExitCode::unavailable,
              fmt::format("others write to '{}' at the same time; let one finish, and run the same "
                          "command again",
                          place_.uri_of(key)));
}

/// What an answer to the last step of an upload means: true: it is there; false: begin anew.
bool AzureBucket::is_committed(const std::string& key, const HttpResponse& response,
                               std::uint64_t size, const std::string& sum) {
  if (response.status / 100 != 2 && response.status != kConflict &&
      response.status != kPrecondition && code_of(response) != "InvalidBlockList") {
    throw refusal(key, response);
  }
  // An answer that got lost makes the second attempt meet the object of the first; and of two that
  // send the same at once, one finds its blocks gone. What is there now tells.
  const HttpResponse there = send({"HEAD", key, {}, {}, {}, {}});
  const bool same = there.status / 100 == 2 && number(there.header("content-length")) == size &&
                    there.header("content-md5") == sum;
  if (!same && (response.status == kConflict || response.status == kPrecondition)) {
    throw exists_already(place_.uri_of(key));
  }
  return same;
}

bool AzureBucket::send_whole(const std::string& key, const Spool& content) {
  std::vector<std::byte> bytes(content.size());
  bytes.resize(content.read_at(0, bytes));
  const std::string sum = base64(md5(bytes));
  AzureRequest request{"PUT", key, {}, {}, bytes, {}};
  request.headers = {{"content-md5", sum}, {"x-ms-blob-type", "BlockBlob"}};
  return is_committed(key, send(request), bytes.size(), sum);
}

bool AzureBucket::send_blocks(const std::string& key, const Spool& content, bool overwrite) {
  const std::uint64_t size = content.size();
  const std::uint64_t block = std::max(kBlock, (size + kMostBlocks - 1) / kMostBlocks);
  const BlockNames names;
  std::vector<std::byte> bytes(block);
  Md5 whole;
  std::string list = R"(<?xml version="1.0" encoding="utf-8"?><BlockList>)";
  for (std::uint64_t offset = 0; offset < size; offset += block) {
    const std::span<const std::byte> part(bytes.data(), content.read_at(offset, bytes));
    whole.update(part);
    const std::string name = names(static_cast<std::size_t>(offset / block));
    AzureRequest request{"PUT", key, {{"blockid", name}, {"comp", "block"}}, {}, part, {}};
    request.headers = {{"content-md5", base64(md5(part))}};
    const HttpResponse response = send(request);
    if (response.status / 100 != 2) {
      throw refusal(key, response);
    }
    list += "<Latest>" + name + "</Latest>";
  }
  list += "</BlockList>";
  const std::string sum = base64(whole.end());
  AzureRequest request{"PUT", key, {{"comp", "blocklist"}}, {}, std::as_bytes(std::span(list)), {}};
  request.headers = {{"content-type", "application/xml"}, {"x-ms-blob-content-md5", sum}};
  if (!overwrite) {
    request.headers.emplace_back("if-none-match", "*");
  }
  return is_committed(key, send(request), size, sum);
}

}  // namespace impasto::store::remote
