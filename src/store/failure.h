#pragma once

#include <string>

#include "base/error.h"

namespace impasto::store {

/// The sentence for a file that could not be opened or read, by the system's error number.
Error read_failure(const std::string& uri, int error_number);
/// ... that could not be started in its folder.
Error create_failure(const std::string& uri, int error_number);
/// ... that could not be written on, or given its name.
Error write_failure(const std::string& uri, int error_number);
/// ... whose name is taken by another one, and overwriting was not asked for.
Error exists_already(const std::string& uri);

}  // namespace impasto::store
