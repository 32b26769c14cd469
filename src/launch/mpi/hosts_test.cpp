#include "launch/mpi/hosts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace impasto::launch {
namespace {

class HostFile : public ::testing::Test {
 protected:
  std::vector<Host> read(const std::string& text) {
    std::ofstream(file_) << text;
    return read_hosts(file_);
  }
  void TearDown() override { std::filesystem::remove(file_); }

  std::string file_ = ::testing::TempDir() + "impasto_hosts";
};

TEST(Hosts, AreNamesWithSlots) {
  EXPECT_EQ(to_string(parse_hosts("a:2,node-7.local,c:16")), "a:2,node-7.local:1,c:16");
}

TEST(Hosts, NothingElseIsTaken) {
  for (const char* text : {"", "a,,b", "a:0", "a:-1", "a:x", "a:2x", "-o", "a;b", "$(id)", "a b"}) {
    EXPECT_THROW(parse_hosts(text), Error) << text;
  }
}

TEST_F(HostFile, IsReadAsEitherLauncherWritesIt) {
  EXPECT_EQ(to_string(read("# ours\na slots=2 max-slots=4\n\nb:3  # fast\nc\n")), "a:2,b:3,c:1");
  EXPECT_THROW(read("a slots=none\n"), Error);
  EXPECT_THROW(read("# nobody\n"), Error);
  EXPECT_THROW(read_hosts("/there/is/none"), Error);
}

TEST(Hosts, ThoseThatAnswerTakePart) {
  using namespace std::chrono_literals;
  // An agent is asked 'AGENT HOST true'.
  const std::string agent = "/bin/sh -c '[ $0 != gone ] && { [ $0 != slow ] || exec sleep 60; }'";
  EXPECT_EQ(to_string(answering(parse_hosts("a:2,gone,slow,localhost"), agent, 1s)),
            "a:2,localhost:1");
}

}  // namespace
}  // namespace impasto::launch
