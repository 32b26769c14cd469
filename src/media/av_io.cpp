#include "media/av_io.h"

#include <algorithm>
#include <new>
#include <utility>

namespace impasto::media {
namespace {

constexpr int kReadBuffer = 1 << 18;
constexpr int kWriteBuffer = 1 << 20;

/// Where a seek leads, or nothing when it leads before the start or is of an unknown kind.
std::optional<std::uint64_t> seek_target(std::int64_t offset, int whence, std::uint64_t position,
                                         std::uint64_t size) {
  std::int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case SEEK_SET:
      break;
    case SEEK_CUR:
      base = static_cast<std::int64_t>(position);
      break;
    case SEEK_END:
      base = static_cast<std::int64_t>(size);
      break;
    default:
      return std::nullopt;
  }
  if (base + offset < 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(base + offset);
}

void rethrow(std::optional<Error>& failure) {
  if (failure) {
    throw *std::exchange(failure, std::nullopt);
  }
}

}  // namespace

ReadIo::ReadIo(std::shared_ptr<store::Source> source) : source_(std::move(source)) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kReadBuffer));
  io_.reset(
      avio_alloc_context(buffer, kReadBuffer, 0, this, &ReadIo::read, nullptr, &ReadIo::seek));
  if (!io_) {
    av_free(buffer);
    throw std::bad_alloc();
  }
}

void ReadIo::check() { rethrow(failure_); }

int ReadIo::read(void* self, std::uint8_t* into, int size) {
  auto& io = *static_cast<ReadIo*>(self);
  try {
    const std::size_t count = io.source_->read_at(
        io.position_, {reinterpret_cast<std::byte*>(into), static_cast<std::size_t>(size)});
    io.position_ += count;
    return count == 0 ? AVERROR_EOF : static_cast<int>(count);
  } catch (const Error& error) {
    io.failure_ = error;
  } catch (const std::exception& error) {
    io.failure_ = Error(ExitCode::bug, error.what());
  }
  return AVERROR(EIO);
}

std::int64_t ReadIo::seek(void* self, std::int64_t offset, int whence) {
  auto& io = *static_cast<ReadIo*>(self);
  if ((whence & AVSEEK_SIZE) != 0) {
    return static_cast<std::int64_t>(io.source_->size());
  }
  const auto target = seek_target(offset, whence, io.position_, io.source_->size());
  if (!target) {
    return AVERROR(EINVAL);
  }
  io.position_ = *target;
  return static_cast<std::int64_t>(*target);
}

WriteIo::WriteIo(store::Sink& sink) : sink_(sink) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kWriteBuffer));
  io_.reset(
      avio_alloc_context(buffer, kWriteBuffer, 1, this, nullptr, &WriteIo::write, &WriteIo::seek));
  if (!io_) {
    av_free(buffer);
    throw std::bad_alloc();
  }
}

void WriteIo::install(AVFormatContext& format) {
  format.pb = io_.get();
  format.flags |= AVFMT_FLAG_CUSTOM_IO;
  format.opaque = this;
  format.io_open = &WriteIo::open_reread;
  format.io_close2 = &WriteIo::close_reread;
}

void WriteIo::flush() {
  avio_flush(io_.get());
  check();
}

void WriteIo::check() { rethrow(failure_); }

int WriteIo::write(void* self, std::uint8_t* from, int size) {
  auto& io = *static_cast<WriteIo*>(self);
  try {
    io.sink_.write_at(io.position_,
                      {reinterpret_cast<const std::byte*>(from), static_cast<std::size_t>(size)});
    io.position_ += static_cast<std::uint64_t>(size);
    io.size_ = std::max(io.size_, io.position_);
    return size;
  } catch (const Error& error) {
    io.failure_ = error;
  } catch (const std::exception& error) {
    io.failure_ = Error(ExitCode::bug, error.what());
  }
  return AVERROR(EIO);
}

std::int64_t WriteIo::seek(void* self, std::int64_t offset, int whence) {
  auto& io = *static_cast<WriteIo*>(self);
  if ((whence & AVSEEK_SIZE) != 0) {
    return static_cast<std::int64_t>(io.size_);
  }
  const auto target = seek_target(offset, whence, io.position_, io.size_);
  if (!target) {
    return AVERROR(EINVAL);
  }
  io.position_ = *target;
  return static_cast<std::int64_t>(*target);
}

int WriteIo::open_reread(AVFormatContext* format, AVIOContext** io, const char* /*url*/, int flags,
                         AVDictionary** /*options*/) {
  auto& self = *static_cast<WriteIo*>(format->opaque);
  if ((flags & AVIO_FLAG_WRITE) != 0) {
    return AVERROR(EINVAL);  // one output, one file: no muxer here writes a second one
  }
  try {
    avio_flush(self.io_.get());
    self.reread_ = std::make_unique<ReadIo>(self.sink_.reread());
    *io = self.reread_->context();
    return 0;
  } catch (const Error& error) {
    self.failure_ = error;
  } catch (const std::exception& error) {
    self.failure_ = Error(ExitCode::bug, error.what());
  }
  return AVERROR(EIO);
}

int WriteIo::close_reread(AVFormatContext* format, AVIOContext* /*io*/) {
  static_cast<WriteIo*>(format->opaque)->reread_.reset();
  return 0;
}

InputFormatPtr open_input(ReadIo& io) {
  AVFormatContext* format = avformat_alloc_context();
  if (format == nullptr) {
    throw std::bad_alloc();
  }
  format->pb = io.context();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  // Frees `format` on failure.
  if (avformat_open_input(&format, io.source().uri().c_str(), nullptr, nullptr) < 0) {
    return nullptr;
  }
  return InputFormatPtr(format);
}

}  // namespace impasto::media
