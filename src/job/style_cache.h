#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace impasto::job {

/// Style files that Impasto made itself, by a key that holds all that they were made from. Safe
/// against other processes. Only the latest few dozen are kept.
class StyleCache {
 public:
  /// An empty folder: files live as long as this object.
  explicit StyleCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  StyleCache(const StyleCache&) = delete;
  StyleCache& operator=(const StyleCache&) = delete;
  ~StyleCache();

  /// The file kept under a key.
  [[nodiscard]] std::optional<std::filesystem::path> find(const std::string& key) const;

  /// Writes a file whole or not at all and returns where it lies: in the cache's folder, or for
  /// this object's life elsewhere when nothing can be written there. Throws Error(unavailable) when
  /// nothing can be written anywhere.
  std::filesystem::path keep(const std::string& key, std::string_view bytes);

 private:
  std::filesystem::path folder_;
  std::filesystem::path temporary_;  ///< Made when needed.
};

}  // namespace impasto::job
