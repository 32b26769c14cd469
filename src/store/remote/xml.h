#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace impasto::store::remote {

/// The contents of all elements of a name that are not inside another of that name, in order. For
/// the plain answers of stores: no comments, no CDATA.
std::vector<std::string_view> elements(std::string_view xml, std::string_view name);
/// The text of the first element of a name, its entities read; empty where there is none.
std::string text_of(std::string_view xml, std::string_view name);

}  // namespace impasto::store::remote
