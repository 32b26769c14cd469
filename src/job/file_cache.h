#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace impasto::job {

/// Files that Impasto made itself (styles, calibrations), by a key that holds all that they were
/// made from. Safe against other processes. Only the latest few dozen are kept.
class FileCache {
 public:
  /// An empty folder: files live as long as this object.
  /// `extension` with its dot.
  FileCache(std::filesystem::path folder, std::string extension)
      : folder_(std::move(folder)), extension_(std::move(extension)) {}
  FileCache(const FileCache&) = delete;
  FileCache& operator=(const FileCache&) = delete;
  ~FileCache();

  /// The file kept under a key.
  [[nodiscard]] std::optional<std::filesystem::path> find(const std::string& key) const;

  /// Writes a file whole or not at all and returns where it lies: in the cache's folder, or for
  /// this object's life elsewhere when nothing can be written there. Throws Error(unavailable) when
  /// nothing can be written anywhere.
  std::filesystem::path keep(const std::string& key, std::string_view bytes);

 private:
  [[nodiscard]] std::string name_for(const std::string& key) const { return key + extension_; }
  void trim() const;

  std::filesystem::path folder_;
  std::string extension_;
  std::filesystem::path temporary_;  ///< Made when needed.
};

}  // namespace impasto::job
