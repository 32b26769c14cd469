#pragma once

#include <string>
#include <string_view>

namespace impasto {

/// Whether standard error is a terminal that understands cursor control (TERM is set and not
/// "dumb").
bool stderr_is_terminal();

/// Columns of the terminal behind standard error; 80 when it does not tell.
int terminal_columns();

/// Whether the user's locale (LC_ALL, LC_CTYPE, LANG) is a UTF-8 one.
bool locale_is_utf8();

/// Columns that UTF-8 text takes in a terminal: East Asian wide characters and emoji take two,
/// combining marks none.
int columns_of(std::string_view text);

/// Text made safe for one line of a terminal: control characters and broken UTF-8 become '?'.
std::string printable(std::string_view text);

/// `printable(text)` cut in the middle to at most `columns` columns, since both the start and the
/// extension of a file name tell files apart. `gap` stands for what was left out.
std::string shortened(std::string_view text, int columns, std::string_view gap = "...");

}  // namespace impasto
