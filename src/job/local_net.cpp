#include "job/local_net.h"

#include "base/sha256.h"
#include "store/local_path.h"
#include "store/remote_uri.h"
#include "store/store.h"

namespace impasto::job {

std::filesystem::path local_net(const std::string& uri, FileCache& cache,
                                const std::string& sha256) {
  if (!store::is_remote(uri)) {
    return store::local_path(uri);
  }
  if (const auto file = cache.find(sha256);
      file && impasto::sha256(store::read_all(file->string())) == sha256) {
    return *file;
  }
  const std::string bytes = store::read_all(uri);
  return cache.keep(impasto::sha256(bytes), bytes);
}

}  // namespace impasto::job
