#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace impasto::engine::openvino {

/// Compiled networks on disk, one file a network, named after a key text that holds all that the
/// compiled form depends on. Stored here and not by OpenVINO's own cache because that one writes in
/// place: a second process, a crash or a full disk could leave it half a network.
///
/// A file holds the key text and a checksum. Whatever does not agree with both counts as absent.
/// Storing is best effort: a cache that cannot be written slows the next start and harms nothing.
/// The folder is kept under 512 MB; it should hold nothing else.
class BlobCache {
 public:
  /// An empty folder: nothing is kept.
  explicit BlobCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] bool enabled() const { return !folder_.empty(); }
  /// The compiled network stored under exactly this key.
  [[nodiscard]] std::optional<std::string> load(const std::string& key) const;
  /// Stores whole or not at all; safe against other processes that store the same.
  void store(const std::string& key, std::string_view blob) const;
  /// Forgets what is stored under the key.
  void drop(const std::string& key) const;

 private:
  [[nodiscard]] std::filesystem::path file_for(const std::string& key) const;

  std::filesystem::path folder_;
};

/// 64-bit FNV-1a over words of eight bytes; tells accidental differences, not hostile ones.
std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325U);

}  // namespace impasto::engine::openvino
