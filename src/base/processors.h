#pragma once

#include <cstdint>

namespace impasto {

/// How many processors this process may use at once: those it is bound to, or fewer where its
/// control group has a quota; at least 1. Libraries' own defaults know neither, and one (libtorch
/// with OpenBLAS) takes a single thread.
int usable_processors();

/// Tells apart which processors this process is bound to, so that processes of one machine can see
/// whether they share them.
std::uint64_t processors_fingerprint();

}  // namespace impasto
