#include "store/local.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "store/failure.h"
#include "store/local_path.h"
#include "store/local_sink.h"

namespace impasto::store {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

/// Runs `action` and gives back the Error it must throw.
template <typename Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ExitCode::done, ""};
}

/// Each test runs with both ways to keep a file that has no name yet.
class Local : public testing::TestWithParam<Unnamed> {
 protected:
  Local() {
    std::string pattern = (fs::temp_directory_path() / "impasto-store-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Local() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }

  [[nodiscard]] std::string in_folder(const std::string& name) const {
    return (folder_ / name).string();
  }
  void put(const std::string& name, std::string_view content) const {
    std::ofstream(folder_ / name) << content;
  }
  std::unique_ptr<Sink> create(const std::string& name, bool overwrite) const {
    return create_local(in_folder(name), in_folder(name), overwrite, GetParam());
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      found.push_back(entry.path().filename().string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  fs::path folder_;
};

INSTANTIATE_TEST_SUITE_P(Unnamed, Local,
                         testing::Values(Unnamed::by_kernel, Unnamed::by_hidden_file),
                         [](const auto& info) {
                           return info.param == Unnamed::by_kernel ? "by_kernel" : "by_hidden_file";
                         });

TEST_P(Local, object_appears_whole_at_commit_and_not_before) {
  const auto sink = create("new/deep/result.mp4", false);
  sink->write_at(0, bytes("0123456789"));
  sink->write_at(12, bytes("cd"));
  sink->write_at(2, bytes("ab"));
  EXPECT_FALSE(fs::exists(in_folder("new/deep/result.mp4")));
  sink->commit();
  EXPECT_EQ(read_all(in_folder("new/deep/result.mp4")), std::string("01ab456789\0\0cd", 14));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "new/deep"), {}), 1);
}

TEST_P(Local, object_that_is_given_up_leaves_nothing) {
  create("result.mp4", false)->write_at(0, bytes("half"));
  EXPECT_THAT(names(), ElementsAre());
}

TEST_P(Local, given_up_replacement_leaves_the_old_one) {
  put("result.mp4", "old");
  create("result.mp4", true)->write_at(0, bytes("half"));
  EXPECT_THAT(names(), ElementsAre("result.mp4"));
  EXPECT_EQ(read_all(in_folder("result.mp4")), "old");
}

TEST_P(Local, replacement_keeps_nothing_of_the_old_one) {
  put("result.mp4", "a long old content");
  fs::permissions(in_folder("result.mp4"), fs::perms::owner_read);
  const auto sink = create("result.mp4", true);
  sink->write_at(0, bytes("new"));
  sink->commit();
  EXPECT_THAT(names(), ElementsAre("result.mp4"));
  EXPECT_EQ(read_all(in_folder("result.mp4")), "new");
  const mode_t mask = umask(0);
  umask(mask);
  EXPECT_EQ(static_cast<mode_t>(fs::status(in_folder("result.mp4")).permissions()), 0666U & ~mask);
}

TEST_P(Local, replacing_through_a_link_replaces_the_file_behind_it) {
  fs::create_directory(folder_ / "big-disk");
  put("big-disk/result.mp4", "old");
  fs::create_symlink("big-disk/result.mp4", folder_ / "result.mp4");
  const auto sink = create("result.mp4", true);
  sink->write_at(0, bytes("new"));
  sink->commit();
  EXPECT_TRUE(fs::is_symlink(folder_ / "result.mp4"));
  EXPECT_EQ(read_all(in_folder("big-disk/result.mp4")), "new");
}

TEST_P(Local, existing_object_is_refused_before_anything_is_written) {
  put("result.mp4", "old");
  const Error error = error_of([&] { create("result.mp4", false); });
  EXPECT_EQ(error.code(), ExitCode::bad_input);
  EXPECT_THAT(error.what(), HasSubstr("result.mp4 exists already; add --overwrite"));
}

TEST_P(Local, name_that_was_taken_meanwhile_is_not_overwritten) {
  const auto sink = create("result.mp4", false);
  put("result.mp4", "somebody else's");
  const Error error = error_of([&] { sink->commit(); });
  EXPECT_EQ(error.code(), ExitCode::bad_input);
  EXPECT_THAT(error.what(), HasSubstr("exists already"));
  EXPECT_EQ(read_all(in_folder("result.mp4")), "somebody else's");
}

TEST_P(Local, what_was_written_can_be_read_again_before_the_commit) {
  const auto sink = create("result.mp4", false);
  const auto again = sink->reread();
  sink->write_at(0, bytes("moov"));
  EXPECT_EQ(again->size(), 4U);
  sink->write_at(4, bytes("mdat"));
  std::string read(6, '\0');
  EXPECT_EQ(again->read_at(2, std::as_writable_bytes(std::span(read))), 6U);
  EXPECT_EQ(read, "ovmdat");
}

TEST_P(Local, very_long_name_works_and_a_too_long_one_is_refused_at_once) {
  const std::string longest(255, 'n');
  const auto sink = create(longest, true);
  sink->commit();
  EXPECT_THAT(names(), ElementsAre(longest));
  const Error error = error_of([&] { create(longest + "n", false); });
  EXPECT_EQ(error.code(), ExitCode::bad_input);
  EXPECT_THAT(error.what(), HasSubstr("choose a shorter one"));
}

TEST_P(Local, folders_pipes_and_nameless_outputs_are_refused) {
  fs::create_directory(folder_ / "out");
  mkfifo(in_folder("pipe").c_str(), 0600);
  put("file", "");
  const auto sentence = [&](const std::string& name) {
    const Error error = error_of([&] { create(name, true); });
    EXPECT_EQ(error.code(), ExitCode::bad_input);
    return std::string(error.what());
  };
  EXPECT_THAT(sentence("out"), HasSubstr("out is a folder; give the name of a file in it"));
  EXPECT_THAT(sentence("out/"), HasSubstr("names a folder"));
  EXPECT_THAT(sentence("pipe"), HasSubstr("is a pipe or a device"));
  EXPECT_THAT(sentence("file/result.mp4"), HasSubstr("is a file, not a folder"));
}

TEST_P(Local, file_size_limit_becomes_a_sentence_and_leaves_nothing) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      create("result.mp4", false)->write_at(0, bytes(std::string(8192, 'x')));
    } catch (const Error& error) {
      const bool said = std::string_view(error.what()).find("ulimit -f") != std::string_view::npos;
      _exit(said ? static_cast<int>(error.code()) : 1);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(ExitCode::unavailable));
  EXPECT_THAT(names(), ElementsAre());
}

TEST_P(Local, folder_that_may_not_be_written_is_refused_at_once) {
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                               fs::perms::others_exec);
  const uid_t user = geteuid();
  if (user == 0) {
    ASSERT_EQ(seteuid(65534), 0);  // root may write everywhere
  }
  const Error error = error_of([&] { create("result.mp4", false); });
  ASSERT_EQ(seteuid(user), 0);
  EXPECT_EQ(error.code(), ExitCode::bad_input);
  EXPECT_THAT(error.what(), HasSubstr("choose another folder"));
}

TEST_P(Local, kill_leaves_nothing_where_the_file_system_has_unnamed_files) {
  if (GetParam() == Unnamed::by_hidden_file) {
    GTEST_SKIP() << "a hidden file outlives a kill";
  }
  int alive[2] = {};
  ASSERT_EQ(pipe(alive), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto sink = create("result.mp4", false);
    sink->write_at(0, bytes("half"));
    const bool nameless = names().empty();
    const char said = nameless ? 'n' : 'h';
    (void)!write(alive[1], &said, 1);
    pause();
  }
  char said = 0;
  ASSERT_EQ(read(alive[0], &said, 1), 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(alive[0]);
  close(alive[1]);
  if (said == 'h') {
    GTEST_SKIP() << "the file system here has no unnamed files";
  }
  EXPECT_THAT(names(), ElementsAre());
}

using LocalStoreTest = Local;
INSTANTIATE_TEST_SUITE_P(Store, LocalStoreTest, testing::Values(Unnamed::by_kernel));

TEST_P(LocalStoreTest, reads_at_any_place_and_nothing_past_the_end) {
  put("clip.mp4", "0123456789");
  const auto source = for_uri(in_folder("clip.mp4")).open(in_folder("clip.mp4"));
  std::string read(4, '\0');
  const auto into = std::as_writable_bytes(std::span(read));
  EXPECT_EQ(source->size(), 10U);
  EXPECT_EQ(source->read_at(3, into), 4U);
  EXPECT_EQ(read, "3456");
  EXPECT_EQ(source->read_at(8, into), 2U);
  EXPECT_EQ(source->read_at(10, into), 0U);
  EXPECT_EQ(source->read_at(1000, into), 0U);
}

TEST_P(LocalStoreTest, what_cannot_be_read_is_a_sentence) {
  mkfifo(in_folder("pipe").c_str(), 0600);
  LocalStore store;
  const auto sentence = [&](const std::string& name) {
    const Error error = error_of([&] { store.open(in_folder(name)); });
    EXPECT_EQ(error.code(), ExitCode::bad_input);
    return std::string(error.what());
  };
  EXPECT_THAT(sentence("none.mp4"), HasSubstr("there is no file"));
  EXPECT_THAT(sentence(""), HasSubstr("is a folder, not a file"));
  EXPECT_THAT(sentence("pipe"), HasSubstr("store it in a file first"));
}

TEST_P(LocalStoreTest, lists_and_matches_objects_in_order_without_hidden_ones_and_folders) {
  for (const char* name : {"b.png", "a.png", "c.jpg", ".hidden.png"}) {
    put(name, "");
  }
  fs::create_directory(folder_ / "d.png");
  LocalStore store;
  EXPECT_THAT(store.list(folder_.string()),
              ElementsAre(in_folder("a.png"), in_folder("b.png"), in_folder("c.jpg")));
  EXPECT_THAT(store.glob(in_folder("*.png")), ElementsAre(in_folder("a.png"), in_folder("b.png")));
  EXPECT_THAT(store.glob(in_folder("[bc].*")), ElementsAre(in_folder("b.png"), in_folder("c.jpg")));
  EXPECT_THAT(store.glob(in_folder("*.webp")), ElementsAre());
  EXPECT_THROW(store.list(in_folder("a.png")), Error);
  EXPECT_THROW(store.list(in_folder("none")), Error);
}

TEST_P(LocalStoreTest, tells_folders_objects_and_absent_names_apart) {
  put("clip.mp4", "");
  LocalStore store;
  EXPECT_EQ(store.kind(in_folder("clip.mp4")), Kind::object);
  EXPECT_EQ(store.kind(folder_.string()), Kind::folder);
  EXPECT_EQ(store.kind(in_folder("none")), Kind::absent);
  EXPECT_EQ(store.kind(in_folder("clip.mp4/none")), Kind::absent);
}

TEST_P(LocalStoreTest, knows_the_free_space_beside_a_name_that_is_not_there_yet) {
  LocalStore store;
  EXPECT_GT(store.free_space(in_folder("new/deep/result.mp4")), 0U);
}

TEST_P(LocalStoreTest, small_objects_are_written_and_read_in_one_call) {
  const std::string uri = "file://" + in_folder("with%20space.json");
  write_all(uri, "{}", false);
  EXPECT_EQ(read_all(in_folder("with space.json")), "{}");
  EXPECT_THROW(write_all(uri, "[]", false), Error);
  write_all(uri, "[]", true);
  EXPECT_EQ(read_all(uri), "[]");
}

TEST(StoreUri, unknown_schemes_are_refused_by_name) {
  const Error error = error_of([] { for_uri("gopher://host/clip.mp4"); });
  EXPECT_EQ(error.code(), ExitCode::usage);
  EXPECT_THAT(error.what(), HasSubstr("\"gopher://\" is not known"));
  EXPECT_THROW(local_path("file://elsewhere/clip.mp4"), Error);
  EXPECT_EQ(local_path("file://localhost/a%2Fb%zz"), "/a/b%zz");
  EXPECT_EQ(local_path("100%25.mp4"), "100%25.mp4");
  EXPECT_EQ(scheme_of("folder/odd://name"), std::nullopt);
}

TEST(StoreFailure, full_disk_tells_what_to_do_and_may_be_retried) {
  const Error error = write_failure("out/result.mp4", ENOSPC);
  EXPECT_EQ(error.code(), ExitCode::unavailable);
  EXPECT_STREQ(error.what(),
               "The disk that holds out/result.mp4 is full; free some room and run the same "
               "command again");
}

}  // namespace
}  // namespace impasto::store
