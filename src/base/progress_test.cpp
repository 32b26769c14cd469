#include "base/progress.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/terminal.h"

namespace impasto {
namespace {

using std::chrono::milliseconds;

/// Whether `text` holds `part`; says what it held instead.
testing::AssertionResult holds(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "'" << part << "' is not in '" << text << "'";
}

/// A stream and a clock that a test turns by hand.
struct Desk {
  std::ostringstream text;
  std::chrono::steady_clock::time_point time{std::chrono::hours(1)};
  int columns = 100;

  ProgressOutput output(bool terminal = true, bool utf8 = true) {
    return {&text, [this] { return time; }, [this] { return columns; }, terminal, utf8};
  }
  void pass(std::chrono::steady_clock::duration span) { time += span; }
  std::string take() {
    std::string taken = text.str();
    text.str("");
    return taken;
  }
};

std::vector<nlohmann::json> lines_of(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(nlohmann::json::parse(line));
  }
  return lines;
}

TEST(Progress, knows_its_modes_by_name_and_refuses_others_with_a_sentence) {
  EXPECT_EQ(parse_progress_mode("auto"), ProgressMode::automatic);
  EXPECT_EQ(parse_progress_mode("bar"), ProgressMode::bar);
  EXPECT_EQ(parse_progress_mode("plain"), ProgressMode::plain);
  EXPECT_EQ(parse_progress_mode("json"), ProgressMode::json);
  EXPECT_EQ(parse_progress_mode("none"), ProgressMode::none);
  try {
    parse_progress_mode("fancy");
    FAIL() << "took an unknown mode";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_TRUE(holds(error.what(), "'fancy'"));
  }
}

TEST(Progress, bar_tells_name_percent_frames_speed_and_time_left_in_one_line) {
  Desk desk;
  Progress progress(ProgressMode::bar, desk.output());
  progress.begin("clip.mp4", 200, 8);
  for (int frame = 1; frame <= 100; ++frame) {
    desk.pass(milliseconds(100));
    progress.advance(frame, frame * 0.04);
  }
  const std::string text = desk.take();
  const std::string last = text.substr(text.rfind('\r'));
  EXPECT_TRUE(holds(last, "clip.mp4  ▕████████████████████                    ▏"));
  EXPECT_TRUE(holds(last, " 50 %  100/200   10.0 fps  0:10 left"));
  EXPECT_FALSE(holds(text, "\n"));
}

TEST(Progress, bar_keeps_to_the_window_and_to_ten_lines_a_second) {
  for (const int columns : {20, 40, 60, 80, 200}) {
    Desk desk;
    desk.columns = columns;
    Progress progress(ProgressMode::bar, desk.output());
    progress.begin("a_film_with_a_rather_long_name_that_does_not_fit.mp4", 1000, 0);
    desk.take();
    int redrawn = 0;
    for (int frame = 1; frame <= 1000; ++frame) {
      desk.pass(milliseconds(1));
      progress.advance(frame, 0);
      const std::string line = desk.take();
      if (!line.empty()) {
        ++redrawn;
        const std::string shown = line.substr(1, line.size() - 4);  // without \r and ESC[K
        EXPECT_LT(columns_of(shown), columns) << shown;
        EXPECT_TRUE(holds(shown, columns > 40 ? ".mp4" : "%"));
      }
    }
    EXPECT_EQ(redrawn, 10);
  }
}

TEST(Progress, bar_is_ascii_where_the_locale_is_not_utf8) {
  Desk desk;
  Progress progress(ProgressMode::bar, desk.output(true, false));
  progress.begin("clip.mp4", 4, 0);
  desk.pass(milliseconds(200));
  progress.advance(1, 0);
  const std::string text = desk.take();
  EXPECT_TRUE(holds(text, "[##########------------------------------]   25 %"));
  for (const char letter : text) {
    EXPECT_GE(letter, 0);
  }
}

TEST(Progress, bar_without_totals_tells_frames_speed_and_elapsed_time) {
  Desk desk;
  Progress progress(ProgressMode::bar, desk.output());
  progress.begin("pipe", 0, 0);
  desk.pass(milliseconds(4000));
  progress.advance(100, 4);
  EXPECT_TRUE(holds(desk.take(), "pipe  100 frames   25.0 fps  0:04"));
}

TEST(Progress, percentage_comes_from_the_time_when_the_frames_are_not_known) {
  Desk desk;
  Progress progress(ProgressMode::bar, desk.output());
  progress.begin("clip.mkv", 0, 10);
  desk.pass(milliseconds(2000));
  progress.advance(50, 2.5);
  EXPECT_TRUE(holds(desk.take(), " 25 %  50 frames   25.0 fps  0:06 left"));
}

TEST(Progress, speed_is_that_of_the_last_seconds) {
  Desk desk;
  Progress progress(ProgressMode::bar, desk.output());
  progress.begin("clip.mp4", 10000, 0);
  int frame = 0;
  for (; frame < 100; ++frame) {  // a slow minute and a half
    desk.pass(milliseconds(1000));
    progress.advance(frame, 0);
  }
  for (; frame < 300; ++frame) {  // then ten quick seconds
    desk.pass(milliseconds(50));
    progress.advance(frame, 0);
  }
  EXPECT_TRUE(holds(desk.take(), "20.0 fps"));
}

TEST(Progress, a_note_does_not_tear_the_bar_and_the_end_clears_it) {
  Desk desk;
  Progress progress(ProgressMode::bar, desk.output());
  progress.begin("clip.mp4", 100, 0);
  desk.take();
  progress.note("The clip is interlaced; it is deinterlaced.");
  const std::string text = desk.take();
  EXPECT_TRUE(holds(text, "\r\x1b[KThe clip is interlaced; it is deinterlaced.\n\rclip.mp4"));
  progress.end(true);
  EXPECT_EQ(desk.take(), "\r\x1b[K");
}

TEST(Progress, a_bar_that_is_left_by_an_exception_is_cleared) {
  Desk desk;
  try {
    Progress progress(ProgressMode::bar, desk.output());
    progress.begin("clip.mp4", 100, 0);
    desk.take();
    throw Error(ExitCode::unavailable, "The disk is full.");
  } catch (const Error&) {
    EXPECT_EQ(desk.take(), "\r\x1b[K");
  }
}

TEST(Progress, automatic_is_plain_where_there_is_no_terminal) {
  Desk desk;
  Progress progress(ProgressMode::automatic, desk.output(false));
  progress.begin("clip.mp4", 100, 0);
  desk.pass(milliseconds(10000));
  progress.advance(5, 0);
  EXPECT_EQ(desk.take(), "clip.mp4: 5 %, 5/100 frames, 0.5 fps, 3:10 left\n");
}

TEST(Progress, plain_writes_at_tenths_and_every_ten_seconds_and_the_last_state) {
  Desk desk;
  Progress progress(ProgressMode::plain, desk.output());
  progress.begin("clip.mp4", 1000, 40);
  for (int frame = 1; frame <= 1000; ++frame) {
    desk.pass(milliseconds(20));
    progress.advance(frame, frame * 0.04);
  }
  progress.note("All packets are there.");
  progress.end(true);
  std::istringstream text(desk.take());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    lines.push_back(line);
  }
  ASSERT_EQ(lines.size(), 11U);  // ten tenths in twenty seconds, and the note
  EXPECT_EQ(lines[0], "clip.mp4: 10 %, 100/1000 frames, 50.0 fps, 0:18 left");
  EXPECT_EQ(lines[9], "clip.mp4: 100 %, 1000/1000 frames, 50.0 fps, 0:20 elapsed");
  EXPECT_EQ(lines[10], "All packets are there.");
}

TEST(Progress, plain_tells_the_last_state_of_a_quick_job_once) {
  Desk desk;
  Progress progress(ProgressMode::plain, desk.output());
  progress.begin("photo.png", 1, 0);
  desk.pass(milliseconds(500));
  progress.advance(1, 0);
  progress.end(true);
  EXPECT_EQ(desk.take(), "photo.png: 100 %, 1/1 frames, 2.0 fps, 0:01 elapsed\n");
}

TEST(Progress, json_is_one_object_a_line_with_all_fields) {
  Desk desk;
  Progress progress(ProgressMode::json, desk.output());
  progress.begin("a \"clip\"\xff.mp4", 40, 0);
  for (int frame = 1; frame <= 40; ++frame) {
    desk.pass(milliseconds(50));
    progress.advance(frame, 0);
  }
  progress.note("Line\nbreak.");
  progress.end(false);
  const auto lines = lines_of(desk.take());
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0]["event"], "begin");
  EXPECT_EQ(lines[0]["total"], 40);
  EXPECT_TRUE(lines[0]["seconds_left"].is_null());
  EXPECT_EQ(lines[1]["event"], "progress");
  EXPECT_EQ(lines[1]["frames"], 20);
  EXPECT_EQ(lines[1]["percent"], 50);
  EXPECT_EQ(lines[1]["fps"], 20);
  EXPECT_EQ(lines[1]["seconds_left"], 1);
  EXPECT_EQ(lines[3]["text"], "Line\nbreak.");
  EXPECT_EQ(lines[4]["event"], "end");
  EXPECT_EQ(lines[4]["success"], false);
}

TEST(Progress, none_shows_notes_alone) {
  Desk desk;
  Progress progress(ProgressMode::none, desk.output());
  progress.begin("clip.mp4", 40, 0);
  desk.pass(std::chrono::minutes(1));
  progress.advance(20, 0);
  EXPECT_EQ(desk.take(), "");
  progress.note("Two frames were concealed.");
  EXPECT_EQ(desk.take(), "Two frames were concealed.\n");
  progress.end(true);
  EXPECT_EQ(desk.take(), "");
}

TEST(Progress, may_be_called_from_several_threads) {
  std::ostringstream text;
  ProgressOutput output = standard_progress_output();
  output.stream = &text;
  Progress progress(ProgressMode::json, output);
  progress.begin("clip.mp4", 4000, 0);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&progress] {
      for (int frame = 1; frame <= 1000; ++frame) {
        progress.advance(frame, 0);
        if (frame % 100 == 0) {
          progress.note("A hundred more.");
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  progress.end(true);
  EXPECT_GE(lines_of(text.str()).size(), 42U);
}

}  // namespace
}  // namespace impasto
