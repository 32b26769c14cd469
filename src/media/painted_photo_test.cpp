#include "media/painted_photo.h"

#include <gtest/gtest.h>

#include <numeric>
#include <sstream>

#include "base/error.h"

namespace impasto::media {
namespace {

PaintedPhoto small(const std::string& name) {
  PaintedPhoto photo{name, {4, 2}, -3, 5, {}, {}, {}};
  photo.source.resize(24);
  std::iota(photo.source.begin(), photo.source.end(), 0.5F);
  photo.painted.assign(24, 0.25F);
  photo.moved.assign(24, -1.5F);
  return photo;
}

std::string bytes_of(const PaintedPhoto& photo) {
  std::string bytes;
  write_painted_photo(photo, [&](std::span<const std::byte> part) {
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
  });
  return bytes;
}

TEST(PaintedPhoto, goes_through_a_pipe_unchanged) {
  std::istringstream stream(bytes_of(small("a \"b\"\n")) + bytes_of(small("second")));
  const auto first = read_painted_photo(stream);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "a \"b\"\n");
  EXPECT_EQ(first->size, (Size{4, 2}));
  EXPECT_EQ(first->dy, -3);
  EXPECT_EQ(first->dx, 5);
  EXPECT_EQ(first->source, small("").source);
  EXPECT_EQ(first->moved, small("").moved);
  EXPECT_EQ(read_painted_photo(stream)->name, "second");
  EXPECT_FALSE(read_painted_photo(stream));
}

TEST(PaintedPhoto, what_is_cut_off_is_refused) {
  const std::string whole = bytes_of(small("a"));
  for (const std::string& bytes : {whole.substr(0, whole.size() - 1), whole.substr(0, 10),
                                   std::string("{\"name\":\"a\",\"width\":99999999,\"height\":1,"
                                               "\"dy\":0,\"dx\":0}\n")}) {
    std::istringstream stream(bytes);
    EXPECT_THROW(read_painted_photo(stream), Error);
  }
}

}  // namespace
}  // namespace impasto::media
