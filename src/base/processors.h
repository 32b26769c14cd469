#pragma once

namespace impasto {

/// How many processors this process may use at once: those it is bound to, or fewer where its
/// control group has a quota; at least 1. Libraries' own defaults know neither, and one (libtorch
/// with OpenBLAS) takes a single thread.
int usable_processors();

}  // namespace impasto
