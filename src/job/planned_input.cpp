#include "job/planned_input.h"

#include <cstddef>
#include <vector>

#include "base/error.h"
#include "base/sha256.h"

namespace impasto::job {

PlannedInput planned_input(store::Source& source) {
  constexpr std::size_t kPiece = std::size_t{1} << 20U;
  std::string text = std::to_string(source.size()) + " ";
  std::vector<std::byte> piece(kPiece);
  const std::uint64_t last = source.size() > kPiece ? source.size() - kPiece : 0;
  for (const std::uint64_t offset : {std::uint64_t{0}, last}) {
    const std::size_t size = source.read_at(offset, piece);
    text.append(reinterpret_cast<const char*>(piece.data()), size);
  }
  return {source.uri(), source.size(), sha256(text)};
}

std::shared_ptr<store::Source> open_planned(const PlannedInput& input) {
  std::shared_ptr<store::Source> source = store::for_uri(input.uri).open(input.uri);
  if (planned_input(*source).sha256 != input.sha256) {
    throw Error(ExitCode::bad_input, "'" + input.uri +
                                         "' is not what it was when the job was planned; plan the "
                                         "job anew");
  }
  return source;
}

}  // namespace impasto::job
