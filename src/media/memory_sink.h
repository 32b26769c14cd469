#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace impasto::media {

/// An object that only lives in memory: for rehearsals and for single pictures.
class MemorySink : public store::Sink {
 public:
  explicit MemorySink(std::string uri)
      : uri_(std::move(uri)), bytes_(std::make_shared<std::vector<std::byte>>()) {}

  void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override;
  std::shared_ptr<store::Source> reread() override;
  void commit() override {}
  void clear() { bytes_ = std::make_shared<std::vector<std::byte>>(); }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return *bytes_; }
  [[nodiscard]] const std::string& uri() const override { return uri_; }

 private:
  std::string uri_;
  std::shared_ptr<std::vector<std::byte>> bytes_;
};

}  // namespace impasto::media
