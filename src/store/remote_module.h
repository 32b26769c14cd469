#pragma once

#include "store/store.h"

namespace impasto::store {

/// The object stores, which are a module of their own: its libraries are large, and a program that
/// paints files of this machine shall start without them. Loaded at the first call.
/// Throws Error(unavailable) when the module is not there or does not load.
Store& remote_store();

/// What the module gives the program that loads it, by the name `kRemoteEntry`. The module is
/// linked with code of its own for everything, so it asks the program whether it was interrupted.
using RemoteEntry = Store* (*)(bool (*interrupted)());
constexpr const char* kRemoteEntry = "impasto_remote_store";

}  // namespace impasto::store
