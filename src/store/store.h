#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace impasto::store {

/// An object being read. Reads are positional, so several readers can share one object.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// Reads up to `into.size()` bytes at `offset`; fewer only at the end; 0 at or past the end.
  /// Throws Error(unavailable) when the store fails.
  virtual std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  [[nodiscard]] virtual const std::string& uri() const = 0;
};

/// An object being written. It has no name until `commit()`; when it is destroyed before, nothing
/// of it is left.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Writes all of `bytes` at `offset` (writing past the end extends it).
  /// Throws Error(unavailable) when the disk is full or the store fails.
  virtual void write_at(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  /// What has been written so far, for muxers that move their index to the front and for
  /// verification before the commit. Valid as long as the sink.
  virtual std::shared_ptr<Source> reread() = 0;
  /// Makes the object durable and gives it its name, replacing what had it, in one step.
  /// Throws Error(unavailable) when the store fails, Error(bad_input) when the name has been taken
  /// meanwhile and `overwrite` was not asked for.
  virtual void commit() = 0;
  [[nodiscard]] virtual const std::string& uri() const = 0;
};

enum class Kind { absent, object, folder };

/// A place where objects are kept: this machine's files (plain paths, file://) or an object store
/// (s3://, gs://, abfs[s]://).
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  virtual Kind kind(const std::string& uri) = 0;
  /// Throws Error(bad_input) when there is no such object or it may not be read.
  virtual std::shared_ptr<Source> open(const std::string& uri) = 0;
  /// Starts an object that will be called `uri`. Folders above it are made.
  /// Throws Error(bad_input) when it may not be written there, or exists and `overwrite` is false.
  virtual std::unique_ptr<Sink> create(const std::string& uri, bool overwrite) = 0;
  /// URIs of the objects directly in a folder, sorted by name; hidden ones left out.
  virtual std::vector<std::string> list(const std::string& folder_uri) = 0;
  /// URIs of the objects that match a pattern (`*`, `?`, `[...]`), sorted.
  virtual std::vector<std::string> glob(const std::string& pattern) = 0;
  /// Removes an object, or a folder with all that is in it; nothing happens where there is none.
  /// Throws Error(unavailable) when that cannot be done.
  virtual void remove(const std::string& uri) = 0;
  /// True when both URIs lead to one object that is there, however they are spelt (links, `..`).
  virtual bool same(const std::string& uri, const std::string& other) = 0;
  /// Bytes that can still be written beside `uri`; for an object store, which does not tell, what
  /// can be kept here until it is sent.
  virtual std::uint64_t free_space(const std::string& uri) = 0;
};

/// The store that a URI belongs to. Throws Error(usage) for a scheme that is not known and for a
/// URI with credentials in it, Error(unavailable) when object stores cannot be reached from here.
Store& for_uri(const std::string& uri);

/// Reads a whole small object. Throws like `Store::open`.
std::string read_all(const std::string& uri);
/// Writes the whole content into a new sink and commits it. Throws like `Sink`.
void write_all(Sink& sink, std::string_view content);
/// Writes a whole small object, atomically. Throws like `Store::create` and `Sink::commit`.
void write_all(const std::string& uri, std::string_view content, bool overwrite);

}  // namespace impasto::store
