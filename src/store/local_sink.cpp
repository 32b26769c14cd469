#include "store/local_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <random>
#include <system_error>
#include <utility>

#include "store/failure.h"
#include "store/file_descriptor.h"
#include "store/file_io.h"
#include "store/local_source.h"

namespace impasto::store {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0666;  // less the umask, as for any file that a user makes
constexpr std::size_t kLongestName = 255;

/// What the file is called while it has data but not yet its name. Cut so that it is never too
/// long where the name itself is not.
std::string hidden_name(const std::string& name) {
  std::random_device random;
  const std::string tail = fmt::format(".impasto-{}-{:08x}", getpid(), random());
  return fmt::format(".{}{}", name.substr(0, kLongestName - 1 - tail.size()), tail);
}

std::string link_of(const FileDescriptor& file) {
  return fmt::format("/proc/self/fd/{}", file.get());
}

class LocalSink : public Sink {
 public:
  LocalSink(fs::path path, std::string uri, bool overwrite)
      : path_(std::move(path)), uri_(std::move(uri)), overwrite_(overwrite) {}
  LocalSink(const LocalSink&) = delete;
  LocalSink& operator=(const LocalSink&) = delete;
  ~LocalSink() override { remove_hidden(); }

  void open(Unnamed unnamed);
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override;
  std::shared_ptr<Source> reread() override;
  void commit() override;
  [[nodiscard]] const std::string& uri() const override { return uri_; }

 private:
  [[nodiscard]] std::string name() const { return path_.filename().string(); }
  [[nodiscard]] bool open_without_name();
  void open_hidden();
  void give_new_name();
  void replace();
  [[nodiscard]] int rename_without_replacing() const;
  void remove_hidden() noexcept;

  fs::path path_;
  std::string uri_;
  bool overwrite_;
  bool committed_ = false;
  FileDescriptor folder_;
  FileDescriptor file_;
  std::string hidden_;  ///< Name in the folder before the commit; empty: none.
};

void LocalSink::open(Unnamed unnamed) {
  const fs::path parent = path_.parent_path();
  folder_ = FileDescriptor(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_.valid()) {
    throw create_failure(uri_, errno);
  }
  if (unnamed == Unnamed::by_hidden_file || !open_without_name()) {
    open_hidden();
  }
}

bool LocalSink::open_without_name() {
  file_ = FileDescriptor(openat(folder_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, kMode));
  if (!file_.valid()) {
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL) {
      return false;  // a file system or kernel without it
    }
    throw create_failure(uri_, errno);
  }
  if (access(link_of(file_).c_str(), F_OK) != 0) {  // no /proc: it could never get a name
    file_ = FileDescriptor();
    return false;
  }
  return true;
}

void LocalSink::open_hidden() {
  const std::string hidden = hidden_name(name());
  file_ = FileDescriptor(
      openat(folder_.get(), hidden.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, kMode));
  if (!file_.valid()) {
    throw create_failure(uri_, errno);
  }
  hidden_ = hidden;
}

void LocalSink::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  try {
    store::write_at(file_, offset, bytes);
  } catch (const std::system_error& failure) {
    throw write_failure(uri_, failure.code().value());
  }
}

std::shared_ptr<Source> LocalSink::reread() {
  FileDescriptor copy(fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) {
    throw write_failure(uri_, errno);
  }
  return std::make_shared<LocalSource>(std::move(copy), uri_);
}

void LocalSink::commit() {
  if (committed_) {
    return;
  }
  if (fsync(file_.get()) != 0) {
    throw write_failure(uri_, errno);
  }
  if (overwrite_) {
    replace();
  } else {
    give_new_name();
  }
  committed_ = true;
  // EINVAL: a file system whose folders cannot be synced; its names are as safe as it makes them.
  if (fsync(folder_.get()) != 0 && errno != EINVAL && errno != ENOTSUP) {
    throw write_failure(uri_, errno);
  }
}

void LocalSink::give_new_name() {
  const int result = hidden_.empty() ? linkat(AT_FDCWD, link_of(file_).c_str(), folder_.get(),
                                              name().c_str(), AT_SYMLINK_FOLLOW)
                                     : rename_without_replacing();
  if (result != 0) {
    throw errno == EEXIST ? exists_already(uri_) : write_failure(uri_, errno);
  }
}

int LocalSink::rename_without_replacing() const {
  const int folder = folder_.get();
  const std::string target = name();
  if (renameat2(folder, hidden_.c_str(), folder, target.c_str(), RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    return -1;
  }
  if (linkat(folder, hidden_.c_str(), folder, target.c_str(), 0) == 0) {
    return unlinkat(folder, hidden_.c_str(), 0);
  }
  if (errno != EPERM && errno != EOPNOTSUPP) {
    return -1;
  }
  // A file system that knows neither way (some network and FUSE ones): the best there is.
  if (faccessat(folder, target.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return -1;
  }
  return renameat(folder, hidden_.c_str(), folder, target.c_str());
}

void LocalSink::replace() {
  if (hidden_.empty()) {  // linkat never replaces, rename does
    const std::string hidden = hidden_name(name());
    if (linkat(AT_FDCWD, link_of(file_).c_str(), folder_.get(), hidden.c_str(),
               AT_SYMLINK_FOLLOW) != 0) {
      throw write_failure(uri_, errno);
    }
    hidden_ = hidden;
  }
  if (renameat(folder_.get(), hidden_.c_str(), folder_.get(), name().c_str()) != 0) {
    throw write_failure(uri_, errno);
  }
}

void LocalSink::remove_hidden() noexcept {
  if (!committed_ && !hidden_.empty()) {
    unlinkat(folder_.get(), hidden_.c_str(), 0);
  }
}

/// Where a link points to, so that replacing it replaces the file and keeps the link.
fs::path without_link(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) {
    return path;
  }
  fs::path target = fs::weakly_canonical(path, error);
  return error ? path : target;
}

/// Whether a file that exists there may be replaced: in a folder like /tmp only its owner may.
bool may_be_replaced(const struct stat& file, const fs::path& path) {
  struct stat folder = {};
  const fs::path parent = path.parent_path();
  if (stat(parent.empty() ? "." : parent.c_str(), &folder) != 0 ||
      (folder.st_mode & S_ISVTX) == 0) {
    return true;
  }
  const uid_t user = geteuid();
  return user == 0 || user == file.st_uid || user == folder.st_uid;
}

/// Refuses what can be known before a byte is written.
void check_target(const fs::path& path, const std::string& uri, bool overwrite) {
  if (path.filename().empty() || path.filename() == "." || path.filename() == "..") {
    throw Error(ExitCode::bad_input,
                fmt::format("\"{}\" names a folder; give the name of a file", uri));
  }
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) {
      return;
    }
    throw create_failure(uri, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is a folder; give the name of a file in it", uri));
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is a pipe or a device, and a result is not written in order; give "
                            "the name of a file",
                            uri));
  }
  if (!overwrite) {
    throw exists_already(uri);
  }
  if (!may_be_replaced(status, path)) {
    throw create_failure(uri, EACCES);
  }
}

}  // namespace

std::unique_ptr<Sink> create_local(const fs::path& path, const std::string& uri, bool overwrite,
                                   Unnamed unnamed) {
  const fs::path target = without_link(path);
  check_target(target, uri, overwrite);
  if (target.has_parent_path()) {
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (error) {
      throw create_failure(uri, error.value());
    }
  }
  auto sink = std::make_unique<LocalSink>(target, uri, overwrite);
  sink->open(unnamed);
  return sink;
}

}  // namespace impasto::store
