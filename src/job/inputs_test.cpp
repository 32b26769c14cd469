#include "job/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "job/paint.h"
#include "job/timecode.h"

namespace impasto::job {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Inputs : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / "impasto_inputs";
    fs::remove_all(root_);
    fs::create_directories(root_ / "in");
    fs::create_directories(root_ / "out");
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string touch(const std::string& name) const {
    std::ofstream(root_ / name) << "x";
    return (root_ / name).string();
  }
  [[nodiscard]] std::string at(const std::string& name) const { return (root_ / name).string(); }

  static std::string complaint(const std::vector<std::string>& inputs, const std::string& output) {
    try {
      plan_tasks(inputs, output);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  fs::path root_;
};

TEST_F(Inputs, one_file_goes_to_the_output_itself) {
  const FileTasks tasks = plan_tasks({touch("in/a.mov")}, at("b.mp4"));
  ASSERT_EQ(tasks.tasks.size(), 1U);
  EXPECT_EQ(tasks.tasks[0].output, at("b.mp4"));
}

TEST_F(Inputs, one_file_goes_into_a_folder_by_its_name) {
  EXPECT_EQ(plan_tasks({touch("in/a.mov")}, at("out")).tasks[0].output, at("out/a.mov"));
  EXPECT_EQ(plan_tasks({touch("in/a.mov")}, at("new/")).tasks[0].output, at("new/a.mov"));
}

TEST_F(Inputs, a_folder_is_painted_by_names_and_other_files_are_left_out) {
  touch("in/a.mp4");
  touch("in/b.jpg");
  touch("in/notes.txt");
  const FileTasks tasks = plan_tasks({at("in")}, at("out"));
  ASSERT_EQ(tasks.tasks.size(), 2U);
  EXPECT_EQ(tasks.tasks[0].output, at("out/a.mp4"));
  EXPECT_EQ(tasks.tasks[1].output, at("out/b.jpg"));
  ASSERT_EQ(tasks.notes.size(), 1U);
  EXPECT_THAT(tasks.notes[0], HasSubstr("1 file"));
}

TEST_F(Inputs, containers_that_are_not_written_become_matroska_and_step_aside) {
  touch("in/a.avi");
  touch("in/a.mkv");
  touch("in/c.bmp");
  const FileTasks tasks = plan_tasks({at("in/*")}, at("out"));
  ASSERT_EQ(tasks.tasks.size(), 3U);
  EXPECT_EQ(tasks.tasks[0].output, at("out/a.avi.mkv"));
  EXPECT_EQ(tasks.tasks[1].output, at("out/a.mkv"));
  EXPECT_EQ(tasks.tasks[2].output, at("out/c.png"));
}

TEST_F(Inputs, refuses_what_cannot_go_well) {
  EXPECT_THAT(complaint({at("nothing.mp4")}, at("o.mp4")), HasSubstr("there is no file"));
  const std::string a = touch("in/a.mp4");
  const std::string b = touch("in/b.mp4");
  touch("o.mp4");
  EXPECT_THAT(complaint({a, b}, at("o.mp4")), HasSubstr("is a file"));
  EXPECT_THAT(complaint({a, b}, at("in")), HasSubstr("is an input"));
  fs::create_directories(root_ / "other");
  EXPECT_THAT(complaint({a, touch("other/a.mp4")}, at("out")), HasSubstr("two inputs"));
  EXPECT_THAT(complaint({at("out")}, at("new/")), HasSubstr("holds no videos"));
}

TEST(Times, are_read_as_seconds_or_clock) {
  EXPECT_DOUBLE_EQ(parse_time("12.5").count(), 12.5);
  EXPECT_DOUBLE_EQ(parse_time("01:02").count(), 62);
  EXPECT_DOUBLE_EQ(parse_time("1:01:02.25").count(), 3662.25);
  for (const char* bad : {"", "x", "-3", "1:2:3:4", "5s", "nan"}) {
    EXPECT_THROW(parse_time(bad), Error) << bad;
  }
  EXPECT_EQ(time_code(media::Seconds(3662.25)), "01:01:02.3");
}

}  // namespace
}  // namespace impasto::job
