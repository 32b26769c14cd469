#include "store/remote/place.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace impasto::store::remote {
namespace {

TEST(Place, buckets_and_keys_are_taken_as_they_are_written) {
  const Place place = parse_place("s3://films/a folder/100%25.mp4");
  EXPECT_EQ(place.scheme, "s3");
  EXPECT_EQ(place.container, "films");
  EXPECT_EQ(place.key, "a folder/100%25.mp4");
  EXPECT_EQ(place.root, "s3://films");
  EXPECT_EQ(place.uri_of("other"), "s3://films/other");
}

TEST(Place, slashes_at_the_end_name_a_folder) {
  const Place place = parse_place("gs://films//in//");
  EXPECT_EQ(place.key, "in");
  EXPECT_TRUE(place.ends_in_slash);
  EXPECT_EQ(parse_place("gs://films").key, "");
}

TEST(Place, azure_has_four_ways_to_say_it) {
  const Place full = parse_place("abfss://films@account.dfs.core.windows.net/a/b.mp4");
  EXPECT_EQ(full.scheme, "abfs");
  EXPECT_EQ(full.account, "account");
  EXPECT_EQ(full.domain, "core.windows.net");
  EXPECT_EQ(full.container, "films");
  EXPECT_EQ(full.key, "a/b.mp4");
  const Place blob = parse_place("abfss://account.blob.core.windows.net/films/a/b.mp4");
  EXPECT_EQ(blob.account, "account");
  EXPECT_EQ(blob.container, "films");
  EXPECT_EQ(blob.key, "a/b.mp4");
  EXPECT_EQ(blob.root, "abfss://account.blob.core.windows.net/films");
  const Place with_account = parse_place("abfs://films@account/b.mp4");
  EXPECT_EQ(with_account.account, "account");
  EXPECT_EQ(with_account.domain, "");
  const Place brief = parse_place("abfs://films/b.mp4");
  EXPECT_EQ(brief.account, "");
  EXPECT_EQ(brief.container, "films");
}

TEST(Place, what_names_no_container_is_refused) {
  for (const char* uri : {"s3:///key", "s3://", "abfs://@account/key", "abfs://films@/key",
                          "abfs://films@example.com/key", "abfs://account.blob.core.windows.net"}) {
    EXPECT_THROW(parse_place(uri), Error) << uri;
  }
}

}  // namespace
}  // namespace impasto::store::remote
