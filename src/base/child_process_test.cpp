#include "base/child_process.h"

#include <gmock/gmock.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

namespace impasto {
namespace {

using ::testing::ElementsAre;

/// All lines until the end.
std::vector<std::string> all_lines(LineReader& reader) {
  std::vector<std::string> all;
  while (!reader.at_end()) {
    for (std::string& line : reader.lines()) {
      all.push_back(std::move(line));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return all;
}

TEST(ChildProcess, hears_commands_and_tells_events) {
  ChildProcess child(
      {"/bin/sh", "-c", "while read line; do echo got $line >&3; done; echo bye >&2"});
  child.write_line("one");
  child.write_line("two words");
  child.close_input();
  EXPECT_THAT(all_lines(child.events()), ElementsAre("got one", "got two words"));
  EXPECT_THAT(all_lines(child.complaints()), ElementsAre("bye"));
  EXPECT_EQ(child.ended(true)->exit_code, 0);
}

TEST(ChildProcess, tells_how_it_ended) {
  ChildProcess by_itself({"/bin/sh", "-c", "exit 3"});
  EXPECT_EQ(to_string(*by_itself.ended(true)), "ended by itself with exit code 3");
  ChildProcess crashed({"/bin/sh", "-c", "kill -SEGV $$"});
  EXPECT_EQ(to_string(*crashed.ended(true)), "was killed by SIGSEGV");
  ChildProcess killed({"/bin/sh", "-c", "sleep 100"});
  EXPECT_FALSE(killed.ended());
  killed.kill();
  EXPECT_EQ(killed.ended(true)->signal, SIGKILL);
}

TEST(ChildProcess, is_killed_with_its_object) {
  pid_t id = 0;
  {
    const ChildProcess child({"/bin/sh", "-c", "sleep 100"});
    id = child.id();
  }
  EXPECT_NE(kill(id, 0), 0);
}

}  // namespace
}  // namespace impasto
