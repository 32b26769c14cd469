#pragma once

#include <string>
#include <vector>

#include "media/reader.h"

namespace impasto::job {

/// What was wrong with an input that has been read to its end, a sentence each.
std::vector<std::string> damage_of(const media::Reader& reader);

}  // namespace impasto::job
