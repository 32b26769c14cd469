#include "store/store.h"

#include <fmt/format.h>

#include "base/error.h"
#include "store/local.h"
#include "store/local_path.h"
#include "store/remote_module.h"
#include "store/remote_uri.h"

namespace impasto::store {

Store& for_uri(const std::string& uri) {
  static LocalStore local;  // has no state
  const auto scheme = scheme_of(uri);
  if (!scheme || *scheme == "file") {
    return local;
  }
  if (!is_remote_scheme(*scheme)) {
    throw Error(ExitCode::usage,
                fmt::format("{} cannot be reached: \"{}://\" is not known here; give a path or a "
                            "URI of file://, s3://, gs:// or abfss://",
                            uri, *scheme));
  }
  refuse_credentials(uri);
  return remote_store();
}

std::string read_all(const std::string& uri) {
  const auto source = for_uri(uri).open(uri);
  std::string content(source->size(), '\0');
  const std::size_t count = source->read_at(0, std::as_writable_bytes(std::span(content)));
  content.resize(count);
  return content;
}

void write_all(Sink& sink, std::string_view content) {
  sink.write_at(0, std::as_bytes(std::span(content)));
  sink.commit();
}

void write_all(const std::string& uri, std::string_view content, bool overwrite) {
  write_all(*for_uri(uri).create(uri, overwrite), content);
}

}  // namespace impasto::store
