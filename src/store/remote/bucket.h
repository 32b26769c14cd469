#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/remote/spool.h"
#include "store/store.h"

namespace impasto::store::remote {

/// An object as it was found.
struct Object {
  std::uint64_t size = 0;
  std::string version;  ///< Changes with the content; empty where the store does not tell.
};

/// What is directly in a folder.
struct Entry {
  std::string name;  ///< Without the folder.
  bool folder = false;
};

/// A container of objects, which have keys; folders are what their slashes make of them. All of it
/// is thread-safe, tries again what may pass by itself, and throws Error(unavailable) when that has
/// lasted too long, Error(bad_input) for what is not there or not permitted, Error(interrupted).
class Bucket {
 public:
  Bucket() = default;
  Bucket(const Bucket&) = delete;
  Bucket& operator=(const Bucket&) = delete;
  virtual ~Bucket() = default;

  /// Nothing where there is no such object.
  virtual std::optional<Object> find(const std::string& key) = 0;
  /// Whether there is anything below a key; for "", whether the container is there.
  virtual bool has_folder(const std::string& key) = 0;
  /// Both in one.
  virtual Kind kind(const std::string& key) {
    return !key.empty() && find(key) ? Kind::object : has_folder(key) ? Kind::folder : Kind::absent;
  }
  /// Reads all of `into`, which lies within the object.
  virtual void read(const std::string& key, const Object& object, std::uint64_t offset,
                    std::span<std::byte> into) = 0;
  /// What is directly below a folder's key ("": the container), in no order.
  virtual std::vector<Entry> list(const std::string& folder) = 0;
  /// Removes an object, or nothing where it is not there.
  virtual void remove(const std::string& key) = 0;
  /// Removes all that is below a key.
  virtual void remove_folder(const std::string& key) = 0;
  /// Throws when an object cannot be written under that key; leaves nothing there.
  virtual void check_writable(const std::string& key) = 0;
  /// Sends an object. It appears whole or not at all, and is what was sent.
  /// Throws Error(bad_input) when the name is taken and `overwrite` is false.
  virtual void upload(const std::string& key, const Spool& content, bool overwrite) = 0;
};

}  // namespace impasto::store::remote
