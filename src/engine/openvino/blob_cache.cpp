#include "engine/openvino/blob_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

namespace impasto::engine::openvino {
namespace {

constexpr std::string_view kMagic = "impasto-compiled-net 1\n";

/// Magic, key text, checksum of what follows.
std::string header_for(const std::string& key, std::string_view blob) {
  return fmt::format("{}{}\n{:016x}\n", kMagic, key, checksum(blob));
}

/// A name that no other process or thread writes to at this moment.
std::filesystem::path temporary_beside(const std::filesystem::path& file) {
  static std::atomic<unsigned> count = 0;
  return fmt::format("{}.{}.{}.tmp", file.string(), getpid(), count++);
}

/// Removes what was written longest ago until the folder holds no more than it should: every size
/// and style leaves a file of some megabytes.
void trim(const std::filesystem::path& folder) {
  constexpr std::uintmax_t kMostBytes = 512U << 20U;
  std::vector<std::filesystem::directory_entry> files;
  std::uintmax_t bytes = 0;
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code gone;
    if (entry->is_regular_file(gone)) {
      files.push_back(*entry);
      bytes += entry->file_size(gone);
    }
  }
  const auto age = [](const std::filesystem::directory_entry& file) {
    std::error_code gone;
    return file.last_write_time(gone);
  };
  std::sort(files.begin(), files.end(),
            [&](const auto& left, const auto& right) { return age(left) < age(right); });
  for (const auto& file : files) {
    if (bytes <= kMostBytes) {
      return;
    }
    bytes -= std::min(bytes, file.file_size(failure));
    std::filesystem::remove(file, failure);
  }
}

}  // namespace

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) {
  constexpr std::uint64_t kPrime = 0x100000001b3U;
  std::uint64_t hash = seed ^ bytes.size();
  std::size_t position = 0;
  for (; position + sizeof(hash) <= bytes.size(); position += sizeof(hash)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + position, sizeof(word));
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;  // FNV over words leaves high bits unmixed otherwise
  }
  for (; position < bytes.size(); ++position) {
    hash = (hash ^ static_cast<unsigned char>(bytes[position])) * kPrime;
  }
  return hash ^ (hash >> 29);
}

std::filesystem::path BlobCache::file_for(const std::string& key) const {
  return folder_ / fmt::format("{:016x}.blob", checksum(key));
}

std::optional<std::string> BlobCache::load(const std::string& key) const {
  if (!enabled()) {
    return std::nullopt;
  }
  std::ifstream file(file_for(key), std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  const std::size_t header_size = header_for(key, "").size();
  if (content.size() < header_size) {
    return std::nullopt;
  }
  const std::string_view blob = std::string_view(content).substr(header_size);
  if (content.compare(0, header_size, header_for(key, blob)) != 0) {
    return std::nullopt;
  }
  return content.erase(0, header_size);
}

void BlobCache::store(const std::string& key, std::string_view blob) const {
  if (!enabled()) {
    return;
  }
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  const std::filesystem::path target = file_for(key);
  const std::filesystem::path temporary = temporary_beside(target);
  std::ofstream file(temporary, std::ios::binary);
  const std::string header = header_for(key, blob);
  file.write(header.data(), static_cast<std::streamsize>(header.size()));
  file.write(blob.data(), static_cast<std::streamsize>(blob.size()));
  file.close();
  if (file) {
    std::filesystem::rename(temporary, target, ignored);
  }
  std::filesystem::remove(temporary, ignored);  // gone already when the rename went well
  trim(folder_);
}

void BlobCache::drop(const std::string& key) const {
  std::error_code ignored;
  std::filesystem::remove(file_for(key), ignored);
}

}  // namespace impasto::engine::openvino
