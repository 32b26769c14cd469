#pragma once

#include <string>

namespace impasto {

/// Loads a module of ours, which lies beside the program or in ../lib/impasto, and gives the
/// address of its entry. `flags`: RTLD_LOCAL or RTLD_GLOBAL. It is never closed.
/// Throws Error(unavailable) that begins with `what_fails`.
void* load_module(const std::string& name, int flags, const char* entry,
                  const std::string& what_fails);

}  // namespace impasto
