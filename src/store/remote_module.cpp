#include "store/remote_module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/interrupt.h"

namespace impasto::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "libimpasto_remote.so";

Store* load() {
  std::error_code failure;
  const fs::path here = fs::read_symlink("/proc/self/exe", failure).parent_path();
  std::string why = "it is not beside the program";
  for (const fs::path& file : {here / kName, here / ".." / "lib" / "impasto" / kName}) {
    if (!fs::exists(file, failure)) {
      continue;
    }
    void* module = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: it has threads
    void* entry = module == nullptr ? nullptr : dlsym(module, kRemoteEntry);
    if (entry != nullptr) {
      return reinterpret_cast<RemoteEntry>(entry)(&interrupted);
    }
    why = dlerror();
  }
  throw Error(ExitCode::unavailable,
              fmt::format("object stores cannot be reached, since {} does not load ({}); install "
                          "Impasto anew or run 'make build'",
                          kName, why));
}

}  // namespace

Store& remote_store() {
  static Store* const kStore = load();
  return *kStore;
}

}  // namespace impasto::store
