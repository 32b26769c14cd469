#include "store/remote/xml.h"

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace impasto::store::remote {
namespace {

void append_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0U | code >> 6U);
    text += static_cast<char>(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0U | code >> 12U);
    text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
    text += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    text += static_cast<char>(0xF0U | code >> 18U);
    text += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
    text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
    text += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

bool append_entity(std::string& text, std::string_view entity) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [name, letter] : kNamed) {
    if (entity == name) {
      text += letter;
      return true;
    }
  }
  if (!entity.starts_with('#')) {
    return false;
  }
  const bool in_hex = entity.starts_with("#x") || entity.starts_with("#X");
  const std::string_view digits = entity.substr(in_hex ? 2 : 1);
  unsigned code = 0;
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), code, in_hex ? 16 : 10);
  if (failure != std::errc() || end != digits.data() + digits.size()) {
    return false;
  }
  append_utf8(text, code);
  return true;
}

}  // namespace

std::vector<std::string_view> elements(std::string_view xml, std::string_view name) {
  std::vector<std::string_view> found;
  const std::string open = "<" + std::string(name);
  const std::string close = "</" + std::string(name) + ">";
  std::size_t at = 0;
  while ((at = xml.find(open, at)) != std::string_view::npos) {
    const std::size_t after = at + open.size();
    const std::size_t end = xml.find('>', after);
    if (end == std::string_view::npos) {
      break;
    }
    if (xml[after] != '>' && xml[after] != ' ' && xml[after] != '/') {
      at = after;  // a longer name
      continue;
    }
    if (xml[end - 1] == '/') {
      found.emplace_back();
      at = end;
      continue;
    }
    const std::size_t last = xml.find(close, end);
    if (last == std::string_view::npos) {
      break;
    }
    found.push_back(xml.substr(end + 1, last - end - 1));
    at = last + close.size();
  }
  return found;
}

std::string text_of(std::string_view xml, std::string_view name) {
  const auto found = elements(xml, name);
  if (found.empty()) {
    return "";
  }
  std::string text;
  const std::string_view raw = found.front();
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const std::size_t end = raw[at] == '&' ? raw.find(';', at) : std::string_view::npos;
    if (end != std::string_view::npos && append_entity(text, raw.substr(at + 1, end - at - 1))) {
      at = end;
    } else {
      text += raw[at];
    }
  }
  return text;
}

}  // namespace impasto::store::remote
