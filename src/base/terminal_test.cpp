#include "base/terminal.h"

#include <gtest/gtest.h>

namespace impasto {
namespace {

TEST(Terminal, counts_columns_and_not_bytes) {
  EXPECT_EQ(columns_of("clip.mp4"), 8);
  EXPECT_EQ(columns_of("Grüße"), 5);
  EXPECT_EQ(columns_of("富士山"), 6);
  EXPECT_EQ(columns_of("e\u0301"), 1);
}

TEST(Terminal, makes_control_characters_and_broken_utf8_harmless) {
  EXPECT_EQ(printable("a\nb\x1b[2J"), "a?b?[2J");
  EXPECT_EQ(printable("caf\xe9"), "caf?");
  EXPECT_EQ(printable("café"), "café");
}

TEST(Terminal, shortens_in_the_middle_and_keeps_the_extension) {
  EXPECT_EQ(shortened("holiday.mp4", 11), "holiday.mp4");
  EXPECT_EQ(shortened("a_long_holiday_film.mp4", 11), "a_lo....mp4");
  EXPECT_EQ(shortened("富士山富士山.mp4", 10, "…"), "富士….mp4");
  EXPECT_EQ(shortened("holiday.mp4", 3), "");
}

TEST(Terminal, knows_utf8_locales_by_the_first_variable_that_is_set) {
  setenv("LC_ALL", "C", 1);
  setenv("LANG", "de_DE.UTF-8", 1);
  EXPECT_FALSE(locale_is_utf8());
  setenv("LC_ALL", "", 1);
  setenv("LC_CTYPE", "", 1);
  EXPECT_TRUE(locale_is_utf8());
  setenv("LC_CTYPE", "en_GB.utf8", 1);
  EXPECT_TRUE(locale_is_utf8());
}

}  // namespace
}  // namespace impasto
