#pragma once

/// Compiled for each width of vectors that processors have; the best is taken at run time.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define IMPASTO_VECTORISED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define IMPASTO_VECTORISED
#endif
