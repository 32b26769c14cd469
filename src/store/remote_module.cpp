#include "store/remote_module.h"

#include <dlfcn.h>

#include "base/interrupt.h"
#include "base/module.h"

namespace impasto::store {

Store& remote_store() {
  static Store* const kStore =
      reinterpret_cast<RemoteEntry>(load_module("libimpasto_remote.so", RTLD_LOCAL, kRemoteEntry,
                                                "object stores cannot be reached"))(&interrupted);
  return *kStore;
}

}  // namespace impasto::store
