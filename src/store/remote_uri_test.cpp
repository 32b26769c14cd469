#include "store/remote_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace impasto::store {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RemoteUri, stores_are_told_from_paths_and_from_other_schemes) {
  EXPECT_TRUE(is_remote("s3://films/in.mp4"));
  EXPECT_TRUE(is_remote("abfss://films@account.dfs.core.windows.net/in.mp4"));
  EXPECT_TRUE(is_remote("gs://films/in.mp4"));
  EXPECT_FALSE(is_remote("file:///films/in.mp4"));
  EXPECT_FALSE(is_remote("s3/films/in.mp4"));
}

TEST(RemoteUri, credentials_are_refused_and_not_repeated) {
  for (const char* uri : {"s3://me:hush@films/x", "s3://me@films/x", "abfss://films:hush@account/x",
                          "abfs://films/x?sv=1&sig=hush", "s3://films/x?X-Amz-Credential=hush",
                          "gs://films/x?x-goog-signature=hush"}) {
    try {
      refuse_credentials(uri);
      ADD_FAILURE() << uri;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::usage);
      EXPECT_THAT(error.what(), Not(HasSubstr("hush")));
    }
  }
}

TEST(RemoteUri, names_that_only_look_a_little_like_that_pass) {
  for (const char* uri : {"abfss://films@account.dfs.core.windows.net/x", "s3://films/a@b:c.mp4",
                          "s3://films/what?.mp4", "gs://films/signature/sig.mp4"}) {
    EXPECT_NO_THROW(refuse_credentials(uri)) << uri;
  }
}

}  // namespace
}  // namespace impasto::store
