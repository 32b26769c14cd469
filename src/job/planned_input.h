#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/store.h"

namespace impasto::job {

/// The object that is painted, so that workers know it again.
struct PlannedInput {
  std::string uri;
  std::uint64_t bytes = 0;
  std::string sha256;  ///< Of its first and last megabyte and its length.
};

/// Opens the object that a plan was made for. Throws Error(bad_input) when it is another by now.
std::shared_ptr<store::Source> open_planned(const PlannedInput& input);

/// What tells one object from another: its length, its beginning and its end.
PlannedInput planned_input(store::Source& source);

}  // namespace impasto::job
