#include "media/memory_sink.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace impasto::media {
namespace {

class MemorySource : public store::Source {
 public:
  MemorySource(std::string uri, std::shared_ptr<std::vector<std::byte>> bytes)
      : uri_(std::move(uri)), bytes_(std::move(bytes)) {}

  std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) override {
    if (offset >= bytes_->size()) {
      return 0;
    }
    const std::size_t count = std::min<std::size_t>(into.size(), bytes_->size() - offset);
    std::memcpy(into.data(), bytes_->data() + offset, count);
    return count;
  }
  [[nodiscard]] std::uint64_t size() const override { return bytes_->size(); }
  [[nodiscard]] const std::string& uri() const override { return uri_; }

 private:
  std::string uri_;
  std::shared_ptr<std::vector<std::byte>> bytes_;
};

}  // namespace

void MemorySink::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (offset + bytes.size() > bytes_->size()) {
    bytes_->resize(offset + bytes.size());
  }
  std::memcpy(bytes_->data() + offset, bytes.data(), bytes.size());
}

std::shared_ptr<store::Source> MemorySink::reread() {
  return std::make_shared<MemorySource>(uri_, bytes_);
}

}  // namespace impasto::media
