#include "store/remote/read_ahead.h"

#include <algorithm>

namespace impasto::store::remote {
namespace {

constexpr std::uint64_t kLeast = std::uint64_t{256} << 10U;  // libav's own pieces
constexpr std::uint64_t kLargest = std::uint64_t{4} << 20U;
constexpr std::uint64_t kShare = 8;                           // of what was read already
constexpr std::uint64_t kPassing = std::uint64_t{16} << 20U;  // bytes kept that were read once
constexpr std::uint64_t kKept = std::uint64_t{32} << 20U;     // ... more than once
constexpr std::size_t kReaders = 8;
constexpr std::size_t kGone = 1024;

std::uint64_t bytes_in(const auto& blocks) {
  std::uint64_t sum = 0;
  for (const auto& block : blocks) {
    sum += block->bytes.size();
  }
  return sum;
}

}  // namespace

std::size_t ReadAhead::read_at(std::uint64_t offset, std::span<std::byte> into) {
  if (offset >= size_) {
    return 0;
  }
  const std::uint64_t wanted = std::min<std::uint64_t>(into.size(), size_ - offset);
  std::uint64_t done = 0;
  while (done < wanted) {
    const std::uint64_t at = offset + done;
    BlockPtr block = find(at, offset + wanted);
    if (!block) {
      block = fetch(at, wanted - done);
    }
    const std::uint64_t count = std::min(wanted - done, block->end() - at);
    std::copy_n(block->bytes.begin() + static_cast<std::ptrdiff_t>(at - block->offset), count,
                into.begin() + static_cast<std::ptrdiff_t>(done));
    done += count;
  }
  return static_cast<std::size_t>(done);
}

/// A block that holds the byte at `offset`; it is going to be read up to `end` at most.
ReadAhead::BlockPtr ReadAhead::find(std::uint64_t offset, std::uint64_t end) {
  const std::lock_guard lock(mutex_);
  const auto holds = [&](const BlockPtr& block) {
    return block->offset <= offset && offset < block->end();
  };
  if (const auto found = std::find_if(kept_.begin(), kept_.end(), holds); found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return kept_.front();
  }
  const auto found = std::find_if(passing_.begin(), passing_.end(), holds);
  if (found == passing_.end()) {
    return nullptr;
  }
  BlockPtr block = *found;
  const bool again = offset < block->given;
  block->given = std::max(block->given, std::min(end, block->end()));
  if (again) {
    passing_.erase(found);
    kept_.push_front(block);
    while (kept_.size() > 1 && bytes_in(kept_) > kKept) {
      kept_.pop_back();
    }
  }
  return block;
}

std::uint64_t ReadAhead::length_for(std::uint64_t offset, std::uint64_t least) {
  const auto found = std::find_if(readers_.begin(), readers_.end(),
                                  [&](const Reader& reader) { return reader.next == offset; });
  Reader reader;
  if (found != readers_.end()) {
    reader = *found;
    readers_.erase(found);
  }
  std::uint64_t length = std::clamp(reader.read / kShare, kLeast, kLargest);
  length = std::min(std::max(length, std::min(least, kLargest)), size_ - offset);
  // Up to what is there already.
  for (const Blocks* blocks : {&passing_, &kept_}) {
    for (const BlockPtr& block : *blocks) {
      if (block->offset > offset) {
        length = std::min(length, block->offset - offset);
      }
    }
  }
  readers_.push_front({offset + length, reader.read + length});
  if (readers_.size() > kReaders) {
    readers_.pop_back();
  }
  return length;
}

ReadAhead::BlockPtr ReadAhead::fetch(std::uint64_t offset, std::uint64_t least) {
  auto block = std::make_shared<Block>();
  block->offset = offset;
  {
    const std::lock_guard lock(mutex_);
    block->bytes.resize(length_for(offset, least));
  }
  fetch_(offset, block->bytes);
  block->given = std::min(offset + least, block->end());
  const std::lock_guard lock(mutex_);
  keep(block);
  return block;
}

void ReadAhead::keep(const BlockPtr& block) {
  const bool again = std::any_of(gone_.begin(), gone_.end(), [&](const Range& range) {
    return range.begin <= block->offset && block->offset < range.end;
  });
  Blocks& blocks = again ? kept_ : passing_;
  blocks.push_front(block);
  while (blocks.size() > 1 && bytes_in(blocks) > (again ? kKept : kPassing)) {
    gone_.push_front({blocks.back()->offset, blocks.back()->end()});
    blocks.pop_back();
  }
  while (gone_.size() > kGone) {
    gone_.pop_back();
  }
}

}  // namespace impasto::store::remote
