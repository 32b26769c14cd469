#pragma once

#include <filesystem>
#include <string>

#include "job/file_cache.h"

namespace impasto::job {

/// The ONNX file of a URI as a file of this machine, since engines read nets by their path: the
/// file itself, or, where it lies in an object store, a copy in the cache, by its SHA-256. With
/// that given a copy that is there is not fetched again. Throws like `Store::open`.
std::filesystem::path local_net(const std::string& uri, FileCache& cache,
                                const std::string& sha256 = "");

}  // namespace impasto::job
