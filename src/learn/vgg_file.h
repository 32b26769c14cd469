#pragma once

#include <filesystem>

namespace impasto::learn {

/// Where VGG-19's weights are: `given`, unless empty; $IMPASTO_VGG19; ../share/impasto beside the
/// program's folder; or ../.deps, where the set-up of a checkout puts them.
/// Throws Error(unavailable) when there is no such file.
std::filesystem::path find_vgg19(const std::filesystem::path& given = {});

}  // namespace impasto::learn
