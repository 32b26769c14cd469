// What the program finds in the module; see store/remote_module.h.
#include "store/remote/remote_store.h"
#include "store/remote_module.h"

extern "C" impasto::store::Store* impasto_remote_store(bool (*interrupted)()) {
  // Lives as long as the process: sources and sinks may end after the end of main().
  static auto* const kStore = new impasto::store::remote::RemoteStore(interrupted);
  return kStore;
}
