#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <utility>
#include <vector>

namespace impasto {
namespace {

constexpr int kUsualColumns = 80;
constexpr char32_t kBroken = 0xFFFFFFFF;

struct Symbol {
  char32_t code = kBroken;  ///< kBroken for a byte that is no UTF-8.
  std::string_view bytes;
};

/// The first symbol of a text that is not empty.
Symbol first_symbol(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) {
    return {lead, text.substr(0, 1)};
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const Symbol broken{kBroken, text.substr(0, 1)};
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
    return broken;
  }
  char32_t code = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) {
      return broken;
    }
    code = code << 6U | (next & 0x3FU);
  }
  return {code, text.substr(0, length)};
}

/// Blocks of characters that terminals draw two columns wide.
constexpr std::array<std::pair<char32_t, char32_t>, 9> kWide{{{0x1100, 0x115F},
                                                              {0x2E80, 0x303E},
                                                              {0x3041, 0xA4CF},
                                                              {0xAC00, 0xD7A3},
                                                              {0xF900, 0xFAFF},
                                                              {0xFE30, 0xFE6F},
                                                              {0xFF00, 0xFF60},
                                                              {0x1F300, 0x1FAFF},
                                                              {0x20000, 0x3FFFD}}};
/// Blocks of marks that are drawn over the character before.
constexpr std::array<std::pair<char32_t, char32_t>, 5> kCombining{
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};

template <std::size_t count>
bool is_in(const std::array<std::pair<char32_t, char32_t>, count>& blocks, char32_t code) {
  return std::any_of(blocks.begin(), blocks.end(), [code](const auto& block) {
    return code >= block.first && code <= block.second;
  });
}

int columns_of(char32_t code) {
  if (is_in(kCombining, code)) {
    return 0;
  }
  return is_in(kWide, code) ? 2 : 1;
}

std::vector<Symbol> symbols_of(std::string_view text) {
  std::vector<Symbol> symbols;
  while (!text.empty()) {
    symbols.push_back(first_symbol(text));
    text.remove_prefix(symbols.back().bytes.size());
  }
  return symbols;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

bool stderr_is_terminal() {
  const std::string kind = environment("TERM");
  return isatty(STDERR_FILENO) == 1 && !kind.empty() && kind != "dumb";
}

int terminal_columns() {
  winsize window{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) {
    return kUsualColumns;
  }
  return window.ws_col;
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = environment(name);
    if (!value.empty()) {  // the first that is set decides, as in setlocale(3)
      std::transform(value.begin(), value.end(), value.begin(),
                     [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
      return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
  }
  return false;
}

int columns_of(std::string_view text) {
  int columns = 0;
  for (const Symbol& symbol : symbols_of(text)) {
    columns += columns_of(symbol.code);
  }
  return columns;
}

std::string printable(std::string_view text) {
  std::string safe;
  for (const Symbol& symbol : symbols_of(text)) {
    const bool control = symbol.code < 0x20 || (symbol.code >= 0x7F && symbol.code < 0xA0);
    if (control || symbol.code == kBroken) {
      safe += '?';
    } else {
      safe += symbol.bytes;
    }
  }
  return safe;
}

std::string shortened(std::string_view text, int columns, std::string_view gap) {
  std::string safe = printable(text);
  if (columns_of(safe) <= columns) {
    return safe;
  }
  const int kept = columns - columns_of(gap);
  if (kept < 2) {
    return {};
  }
  std::vector<Symbol> symbols = symbols_of(safe);
  std::string head;
  for (int left = kept - kept / 2; const Symbol& symbol : symbols) {
    left -= columns_of(symbol.code);
    if (left < 0) {
      break;
    }
    head += symbol.bytes;
  }
  std::string tail;
  int left = kept / 2;
  std::reverse(symbols.begin(), symbols.end());
  for (const Symbol& symbol : symbols) {
    left -= columns_of(symbol.code);
    if (left < 0) {
      break;
    }
    tail.insert(0, std::string(symbol.bytes));
  }
  return head + std::string(gap) + tail;
}

}  // namespace impasto
