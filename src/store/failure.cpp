#include "store/failure.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

namespace impasto::store {
namespace {

std::string system_words(int error_number) { return std::generic_category().message(error_number); }

/// Failures that have nothing to do with what is being done, only with the disk it is done on.
std::optional<Error> disk_failure(const std::string& uri, int error_number) {
  switch (error_number) {
    case ENOSPC:
      return Error(ExitCode::unavailable,
                   fmt::format("The disk that holds {} is full; free some room and run the same "
                               "command again",
                               uri));
    case EDQUOT:
      return Error(ExitCode::unavailable,
                   fmt::format("Your disk quota is used up, so {} cannot be written; free some "
                               "room and run the same command again",
                               uri));
    case EFBIG:
      return Error(ExitCode::unavailable,
                   fmt::format("{} has grown past the largest file that its disk or your limit "
                               "(ulimit -f) allows; raise the limit or write to another disk",
                               uri));
    case EMFILE:
    case ENFILE:
      return Error(ExitCode::unavailable,
                   fmt::format("{} cannot be opened because too many files are open; raise the "
                               "limit (ulimit -n) and run the same command again",
                               uri));
    case EIO:
    case ESTALE:
    case ETIMEDOUT:
    case ENODEV:
    case ENXIO:
      return Error(ExitCode::unavailable,
                   fmt::format("The disk that holds {} fails ({}); check it and run the same "
                               "command again",
                               uri, system_words(error_number)));
    default:
      return std::nullopt;
  }
}

}  // namespace

Error read_failure(const std::string& uri, int error_number) {
  if (auto failure = disk_failure(uri, error_number)) {
    return *failure;
  }
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return {ExitCode::bad_input,
              fmt::format("there is no file {}; check the name and the folder", uri)};
    case EACCES:
    case EPERM:
      return {ExitCode::bad_input,
              fmt::format("you may not read {}; ask its owner or change its rights", uri)};
    case EISDIR:
      return {ExitCode::bad_input, fmt::format("{} is a folder, not a file", uri)};
    default:
      return {ExitCode::bad_input,
              fmt::format("{} cannot be read ({})", uri, system_words(error_number))};
  }
}

Error create_failure(const std::string& uri, int error_number) {
  if (auto failure = disk_failure(uri, error_number)) {
    return *failure;
  }
  const std::string folder = std::filesystem::path(uri).parent_path().string();
  const std::string place = folder.empty() ? "this folder" : folder;
  switch (error_number) {
    case EACCES:
    case EPERM:
      return {ExitCode::bad_input,
              fmt::format("you may not write {} in {}; choose another folder or change its rights",
                          uri, place)};
    case EROFS:
      return {ExitCode::bad_input,
              fmt::format("{} cannot be written because {} is on a read-only disk; choose another "
                          "folder",
                          uri, place)};
    case ENOTDIR:
    case EEXIST:
      return {ExitCode::bad_input,
              fmt::format("{} cannot be written because a part of {} is a file, not a folder; "
                          "choose another name",
                          uri, place)};
    case ENAMETOOLONG:
      return {ExitCode::bad_input,
              fmt::format("the name {} is longer than its disk allows; choose a shorter one", uri)};
    default:
      return {ExitCode::bad_input,
              fmt::format("{} cannot be written ({})", uri, system_words(error_number))};
  }
}

Error write_failure(const std::string& uri, int error_number) {
  if (auto failure = disk_failure(uri, error_number)) {
    return *failure;
  }
  return {ExitCode::unavailable,
          fmt::format("{} could not be written to the end ({}); check the disk and run the same "
                      "command again",
                      uri, system_words(error_number))};
}

Error exists_already(const std::string& uri) {
  return {ExitCode::bad_input,
          fmt::format("{} exists already; add --overwrite to replace it", uri)};
}

}  // namespace impasto::store
