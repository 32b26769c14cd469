#pragma once

#include <string>

namespace impasto::store::remote {

/// A variable of the environment; empty where it is not set.
std::string variable(const std::string& name);

/// A secret: the variable `name`, or what stands in the file that the variable `name`_FILE names
/// (as clusters hand out secrets), without spaces and line ends around it; empty where neither is
/// set. Throws Error(bad_input) when the file cannot be read.
std::string secret(const std::string& name);

}  // namespace impasto::store::remote
