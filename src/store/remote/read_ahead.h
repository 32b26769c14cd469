#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "store/store.h"

namespace impasto::store::remote {

/// Reads all of `into`, which lies within the object, from `offset`.
using Fetch = std::function<void(std::uint64_t offset, std::span<std::byte> into)>;

/// An object that is read over a network: by whole blocks, of which some are kept. Who reads on is
/// given ever larger blocks, up to an eighth of what it has read already, so that requests are few
/// and little is read for nothing when it stops. What is read a second time (the head and the index
/// of a film, at every segment) is kept longest. Thread-safe; fetches of several threads overlap.
class ReadAhead : public Source {
 public:
  ReadAhead(std::string uri, std::uint64_t size, Fetch fetch)
      : uri_(std::move(uri)), size_(size), fetch_(std::move(fetch)) {}

  std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) override;
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] const std::string& uri() const override { return uri_; }

 private:
  struct Block {
    std::uint64_t offset = 0;
    std::vector<std::byte> bytes;
    std::uint64_t given = 0;  ///< Up to where it has been read.
    [[nodiscard]] std::uint64_t end() const { return offset + bytes.size(); }
  };
  using BlockPtr = std::shared_ptr<Block>;
  using Blocks = std::list<BlockPtr>;  ///< The latest used first.

  /// Somebody who reads on and on.
  struct Reader {
    std::uint64_t next = 0;  ///< End of the last block fetched.
    std::uint64_t read = 0;  ///< Bytes fetched since it began.
  };

  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  BlockPtr find(std::uint64_t offset, std::uint64_t end);
  BlockPtr fetch(std::uint64_t offset, std::uint64_t least);
  std::uint64_t length_for(std::uint64_t offset, std::uint64_t least);
  void keep(const BlockPtr& block);

  std::string uri_;
  std::uint64_t size_;
  Fetch fetch_;
  std::mutex mutex_;       ///< Of what follows; not held while fetching.
  Blocks passing_;         ///< Read once.
  Blocks kept_;            ///< Read again.
  std::list<Range> gone_;  ///< Of blocks that were read and are no longer here, the latest first.
  std::list<Reader> readers_;
};

}  // namespace impasto::store::remote
