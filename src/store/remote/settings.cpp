#include "store/remote/settings.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/error.h"

namespace impasto::store::remote {

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

std::string secret(const std::string& name) {
  std::string value = variable(name);
  if (const std::string file = variable(name + "_FILE"); value.empty() && !file.empty()) {
    std::ifstream stream(file, std::ios::binary);
    value.assign(std::istreambuf_iterator<char>(stream), {});
    if (!stream) {
      throw Error(ExitCode::bad_input,
                  fmt::format("'{}', which {}_FILE names, cannot be read; check the file and its "
                              "rights",
                              file, name));
    }
  }
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t first = value.find_first_not_of(kSpace);
  return first == std::string::npos
             ? ""
             : value.substr(first, value.find_last_not_of(kSpace) + 1 - first);
}

}  // namespace impasto::store::remote
