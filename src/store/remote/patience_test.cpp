#include "store/remote/patience.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace impasto::store::remote {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

ExitCode code_of(const Patience& patience, const std::function<bool(int)>& attempt,
                 std::string& said) {
  try {
    patience.run("s3://films/in.mp4", attempt);
  } catch (const Error& error) {
    said = error.what();
    return error.code();
  }
  return ExitCode::done;
}

TEST(Patience, tries_again_what_passes_by_itself) {
  const Patience patience(milliseconds(60'000), [] { return false; });
  int calls = 0;
  patience.run("s3://films/in.mp4", [&](int before) {
    EXPECT_EQ(before, calls);
    if (++calls < 3) {
      throw TemporaryFailure("503");
    }
    return true;
  });
  EXPECT_EQ(calls, 3);
}

TEST(Patience, gives_up_with_a_sentence_that_names_the_object) {
  const Patience patience(milliseconds(300), [] { return false; });
  std::string said;
  EXPECT_EQ(code_of(
                patience, [](int) -> bool { throw TemporaryFailure("no answer"); }, said),
            ExitCode::unavailable);
  EXPECT_THAT(said, HasSubstr("the store of 's3://films/in.mp4' could not be reached for"));
  EXPECT_THAT(said, HasSubstr("(no answer)"));
}

TEST(Patience, does_not_try_again_what_stays_as_it_is) {
  const Patience patience(milliseconds(60'000), [] { return false; });
  std::string said;
  int calls = 0;
  EXPECT_EQ(code_of(
                patience,
                [&](int) -> bool {
                  ++calls;
                  throw Error(ExitCode::bad_input, "no such object");
                },
                said),
            ExitCode::bad_input);
  EXPECT_EQ(calls, 1);
}

TEST(Patience, begins_anew_for_whoever_gets_further) {
  const Patience patience(milliseconds(400), [] { return false; });
  int calls = 0;
  patience.run("s3://films/in.mp4", [&](int) {
    if (++calls % 2 == 1) {
      throw TemporaryFailure("cut");
    }
    return calls == 12;  // after more than the patience in all
  });
  EXPECT_EQ(calls, 12);
}

TEST(Patience, a_wish_to_stop_ends_a_long_wait) {
  bool stop = false;
  const Patience patience(milliseconds(60'000), [&] { return stop; });
  std::string said;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of(
                patience,
                [&](int) -> bool {
                  stop = true;
                  throw TemporaryFailure("busy", std::chrono::seconds(30));
                },
                said),
            ExitCode::interrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST(Patience, pauses_grow_to_ten_seconds_and_differ_by_chance) {
  EXPECT_LE(pause_before(1), milliseconds(200));
  EXPECT_GE(pause_before(1), milliseconds(100));
  EXPECT_LE(pause_before(1000), milliseconds(10'000));
  EXPECT_GE(pause_before(1000), milliseconds(5'000));
}

}  // namespace
}  // namespace impasto::store::remote
