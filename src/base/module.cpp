#include "base/module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace impasto {

namespace fs = std::filesystem;

void* load_module(const std::string& name, int flags, const char* entry,
                  const std::string& what_fails) {
  std::error_code failure;
  const fs::path here = fs::read_symlink("/proc/self/exe", failure).parent_path();
  std::string why = "it is not beside the program";
  for (const fs::path& file : {here / name, here / ".." / "lib" / "impasto" / name}) {
    if (!fs::exists(file, failure)) {
      continue;
    }
    void* module = dlopen(file.c_str(), RTLD_NOW | flags);
    if (void* found = module == nullptr ? nullptr : dlsym(module, entry)) {
      return found;
    }
    why = dlerror();
  }
  throw Error(
      ExitCode::unavailable,
      fmt::format("{}, since {} does not load ({}); install Impasto anew or run 'make build'",
                  what_fails, name, why));
}

}  // namespace impasto
