#include "learn/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

using testing::ElementsAre;

Picture plain(Size size, float value) {
  Picture picture(size);
  std::fill_n(picture.data(), 3 * picture.plane_size(), value);
  return picture;
}

TEST(LearnPreview, shows_the_same_photos_each_time_spread_evenly) {
  EXPECT_THAT(preview_choice(100, 4), ElementsAre(12, 37, 62, 87));
  EXPECT_THAT(preview_choice(2, 4), ElementsAre(0, 1));
  EXPECT_THAT(preview_choice(0, 4), ElementsAre());
}

TEST(LearnPreview, says_how_far_the_learning_is) {
  EXPECT_EQ(preview_title("the-scream", 1200, 200.9), "the-scream - step 1200 - 3 min 20 s");
  EXPECT_EQ(preview_title("a", 0, 0), "a - step 0 - 0 min 00 s");
}

TEST(LearnPreview, photos_and_tensors_become_pictures) {
  Photo photo{{33, 9}, std::vector<std::uint8_t>(std::size_t{3} * 33 * 9), "a"};
  photo.rgb[33 * 9 + 33 + 2] = 255;  // green, row 1, column 2
  const Picture picture = to_picture(photo);
  EXPECT_EQ(picture.size(), photo.size);
  EXPECT_EQ(picture.plane(1)[picture.stride() + 2], 1.0F);
  EXPECT_EQ(picture.plane(0)[picture.stride() + 2], 0.0F);

  std::vector<float> planes(std::size_t{3} * 33 * 9);
  planes[2 * 33 * 9 + 8 * 33 + 32] = 0.25F;  // blue, the last pixel
  const Picture painted = to_picture(planes.data(), {33, 9});
  EXPECT_EQ(painted.plane(2)[8 * painted.stride() + 32], 0.25F);
}

TEST(LearnPreview, a_sheet_replaces_the_one_before) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "impasto_learn_preview";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto file = folder / "preview.png";
  std::vector<Picture> photos;
  std::vector<Picture> paintings;
  for (int i = 0; i < 5; ++i) {
    photos.push_back(plain({160, 120}, 0.2F));
    paintings.push_back(plain({160, 120}, 0.7F));
  }
  write_preview(file, "step 0", photos, paintings, {"a", "b"});
  write_preview(file, "step 1", photos, paintings);
  EXPECT_EQ(store::read_all(file.string()).substr(1, 3), "PNG");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  paintings.pop_back();
  EXPECT_THROW(write_preview(file, "", photos, paintings), Error);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace impasto::learn
