#pragma once

#include <memory>
#include <optional>

#include "base/error.h"
#include "media/av.h"
#include "store/store.h"

namespace impasto::media {

/// libav's reading end over an object of a store. Keeps the object open. A failure of the store
/// inside a callback is kept and thrown again by `check()`, since libav only knows error numbers.
class ReadIo {
 public:
  explicit ReadIo(std::shared_ptr<store::Source> source);

  [[nodiscard]] AVIOContext* context() { return io_.get(); }
  [[nodiscard]] const store::Source& source() const { return *source_; }
  /// Throws the store's failure, if one happened since the last call.
  void check();

 private:
  static int read(void* self, std::uint8_t* into, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  std::shared_ptr<store::Source> source_;
  std::uint64_t position_ = 0;
  std::optional<Error> failure_;
  IoContextPtr io_;
};

/// libav's writing end over a sink of a store; seekable. Muxers that read back what they wrote (an
/// index moved to the front) do so through `install`.
class WriteIo {
 public:
  explicit WriteIo(store::Sink& sink);

  /// Makes the muxer write here, and read back from here when it asks for its own file.
  void install(AVFormatContext& format);
  /// Hands what libav has buffered to the sink; throws the sink's failure.
  void flush();
  /// Throws the sink's failure, if one happened since the last call.
  void check();

 private:
  static int write(void* self, std::uint8_t* from, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);
  static int open_reread(AVFormatContext* format, AVIOContext** io, const char* url, int flags,
                         AVDictionary** options);
  static int close_reread(AVFormatContext* format, AVIOContext* io);

  store::Sink& sink_;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
  std::optional<Error> failure_;
  std::unique_ptr<ReadIo> reread_;
  IoContextPtr io_;
};

/// Opens a container for demuxing; null when it cannot be read.
InputFormatPtr open_input(ReadIo& io);

}  // namespace impasto::media
