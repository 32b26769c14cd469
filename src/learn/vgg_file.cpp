#include "learn/vgg_file.h"

#include <cstdlib>
#include <string>

#include "base/error.h"

namespace impasto::learn {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "vgg19_relu5_1.safetensors";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

fs::path named(const fs::path& file, const std::string& by) {
  if (!is_file(file)) {
    throw Error(ExitCode::unavailable,
                "'" + file.string() + "', named by " + by + " as VGG-19's weights, is no file");
  }
  return file;
}

}  // namespace

fs::path find_vgg19(const fs::path& given) {
  if (!given.empty()) {
    return named(given, "--vgg");
  }
  const char* environment = std::getenv("IMPASTO_VGG19");
  if (environment != nullptr && *environment != '\0') {
    return named(environment, "IMPASTO_VGG19");
  }
  std::error_code failure;
  const fs::path here = fs::read_symlink("/proc/self/exe", failure).parent_path();
  for (const char* folder : {"../share/impasto", "../../share/impasto", "../.deps"}) {
    fs::path file = (here / folder / kName).lexically_normal();
    if (!failure && is_file(file)) {
      return file;
    }
  }
  throw Error(ExitCode::unavailable,
              std::string("VGG-19's weights, by which learning sees, are not installed; run make "
                          "setup, or name the file ") +
                  kName + " in IMPASTO_VGG19");
}

}  // namespace impasto::learn
