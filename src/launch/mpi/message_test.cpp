#include "launch/mpi/message.h"

#include <gtest/gtest.h>

#include "launch/mpi/supervision.h"

namespace impasto::launch {
namespace {

TEST(Message, ComesBackFromItsLine) {
  Message message;
  message.kind = Message::Kind::ended;
  message.task = {.segment = 7, .frames = 250, .attempt = 3, .forgiven = 1, .last = true};
  message.how = job::Outcome::Kind::failed;
  message.code = ExitCode::unavailable;
  message.text = "a sentence with \"quotes\", a\nnewline and ü";
  message.frames = 1'000'000'000'000;
  message.wish = 4;
  message.part_alone = true;
  const std::string line = to_line(message);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const std::optional<Message> back = message_from_line(line);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->kind, message.kind);
  EXPECT_EQ(back->task.segment, 7);
  EXPECT_EQ(back->task.frames, 250);
  EXPECT_EQ(back->task.counted(), 2);
  EXPECT_TRUE(back->task.last);
  EXPECT_EQ(back->how, message.how);
  EXPECT_EQ(back->code, message.code);
  EXPECT_EQ(back->text, message.text);
  EXPECT_EQ(back->frames, message.frames);
  EXPECT_EQ(back->wish, 4);
  EXPECT_TRUE(back->part_alone);
}

TEST(Message, OtherLinesAreNone) {
  EXPECT_FALSE(message_from_line(""));
  EXPECT_FALSE(message_from_line("{\"kind\": 1}"));
  EXPECT_FALSE(message_from_line("[WARN] a library speaks"));
}

TEST(RankZeroSign, ComesBackFromItsLine) {
  const std::optional<RankZeroSign> back =
      sign_from_line(to_line(RankZeroSign{.frames = 12,
                                          .total = 30,
                                          .ended = true,
                                          .code = ExitCode::bad_input,
                                          .error = "why",
                                          .final = true}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->frames, 12);
  EXPECT_EQ(back->total, 30);
  EXPECT_TRUE(back->ended);
  EXPECT_EQ(back->code, ExitCode::bad_input);
  EXPECT_EQ(back->error, "why");
  EXPECT_TRUE(back->final);
  EXPECT_FALSE(sign_from_line("painting ..."));
}

}  // namespace
}  // namespace impasto::launch
