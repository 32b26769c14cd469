#include "media/photos.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/picture.h"
#include "media/still_png.h"

namespace impasto::media {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// A folder of pictures that is gone at the end of the test.
class Photos : public testing::Test {
 protected:
  Photos() {
    std::string name = (fs::temp_directory_path() / "impasto-photos-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Photos() override { fs::remove_all(folder_); }

  /// Left half dark red, right half blue, getting lighter downwards.
  static Picture two_halves(Size size) {
    Picture picture(size);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        const std::size_t at = static_cast<std::size_t>(y) * picture.stride() + x;
        const bool left = x < size.width / 2;
        picture.plane(0)[at] = left ? 0.6F : 0.0F;
        picture.plane(1)[at] = static_cast<float>(y) / static_cast<float>(size.height);
        picture.plane(2)[at] = left ? 0.0F : 0.8F;
      }
    }
    return picture;
  }

  void add(const std::string& name, Size size) const {
    write_sheet(two_halves(size), (folder_ / name).string(), false);
  }

  void add_text(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  /// A clip whose frame i has brightness `brightness(i)`, with a dark half if `striped`.
  template <typename Brightness>
  fs::path clip(int frames, bool striped, const Brightness& brightness) const {
    std::string text = "YUV4MPEG2 W160 H128 F25:1 Ip A1:1 C444\n";
    for (int i = 0; i < frames; ++i) {
      text += "FRAME\n";
      for (int at = 0; at < 160 * 128; ++at) {
        text += static_cast<char>(striped && at % 160 < 80 ? 16 : brightness(i));
      }
      text += std::string(std::size_t{2} * 160 * 128, '\x80');
    }
    add_text("clip.y4m", text);
    return folder_ / "clip.y4m";
  }

  fs::path folder_;
};

std::string sentence_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_input);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

std::vector<std::string> names(const PhotoSet& set) {
  std::vector<std::string> all;
  for (const Photo& photo : set.photos) {
    all.push_back(photo.name);
  }
  return all;
}

TEST_F(Photos, come_sorted_by_path_out_of_folders_within_folders) {
  add("b/2.jpg", {160, 128});
  add("b/1.PNG", {160, 128});
  add("c.jpeg", {160, 128});
  add("a/z/deep.png", {160, 128});
  EXPECT_THAT(names(load_photos(folder_)),
              ElementsAre("a/z/deep.png", "b/1.PNG", "b/2.jpg", "c.jpeg"));
}

TEST_F(Photos, broken_and_tiny_ones_are_counted_and_other_files_passed_over) {
  add("good.png", {160, 128});
  add("tiny.png", {160, 127});
  add_text("broken.jpg", "this is no picture");
  add_text("empty.png", "");
  add_text("notes.txt", "sources of the pictures");
  add_text("._good.png", "what another system left");
  const PhotoSet set = load_photos(folder_);
  EXPECT_THAT(names(set), ElementsAre("good.png"));
  EXPECT_EQ(set.broken, 2);
  EXPECT_EQ(set.tiny, 1);
  EXPECT_EQ(set.left_out, 0);
  EXPECT_THAT(set.problems, ElementsAre(HasSubstr("broken.jpg"), HasSubstr("empty.png")));
}

TEST_F(Photos, large_ones_are_scaled_down_and_small_ones_kept) {
  add("large.png", {800, 640});
  add("small.png", {200, 160});
  const PhotoSet set = load_photos(folder_, 320);
  EXPECT_EQ(set.photos[0].size, (Size{400, 320}));
  EXPECT_EQ(set.photos[1].size, (Size{200, 160}));
  EXPECT_EQ(set.photos[0].rgb.size(), 3U * 400 * 320);
  EXPECT_EQ(set.bytes(), 3U * (400 * 320 + 200 * 160));
}

TEST_F(Photos, pixels_lie_in_planes_red_first) {
  add("a.png", {160, 128});
  const Photo photo = load_photos(folder_).photos.front();
  const auto at = [&](int channel, int y, int x) {
    return photo.rgb[(static_cast<std::size_t>(channel) * 128 + y) * 160 + x];
  };
  EXPECT_EQ(at(0, 0, 0), 153);
  EXPECT_EQ(at(0, 0, 80), 0);
  EXPECT_EQ(at(1, 64, 0), 128);
  EXPECT_EQ(at(2, 0, 79), 0);
  EXPECT_EQ(at(2, 127, 159), 204);
}

TEST_F(Photos, scaling_averages_over_areas) {
  Picture fine(
      {512, 512});  // a chessboard of single pixels, which sampling would turn into stripes
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < 512; ++y) {
      for (int x = 0; x < 512; ++x) {
        fine.plane(channel)[static_cast<std::size_t>(y) * fine.stride() + x] =
            static_cast<float>((x + y) % 2);
      }
    }
  }
  write_png(fine, (folder_ / "fine.png").string(), false);
  const Photo photo = load_photos(folder_, 150).photos.front();
  const auto [least, most] = std::minmax_element(photo.rgb.begin(), photo.rgb.end());
  EXPECT_GE(*least, 120);
  EXPECT_LE(*most, 135);
}

TEST_F(Photos, panoramas_keep_their_middle) {
  add("wide.png", {1000, 200});
  const Photo photo = load_photos(folder_).photos.front();
  EXPECT_EQ(photo.size, (Size{600, 200}));
  EXPECT_EQ(photo.rgb[299], 153);  // the change of colour is in the middle still
  EXPECT_EQ(photo.rgb[300], 0);
}

TEST_F(Photos, an_even_choice_is_read_where_memory_is_short) {
  for (int i = 0; i < 8; ++i) {
    add(std::to_string(i) + ".png", {160, 128});
  }
  const PhotoSet set = load_photos(folder_, 160, std::size_t{4} * 3 * 160 * 160 * 3 / 2);
  EXPECT_THAT(names(set), ElementsAre("0.png", "2.png", "4.png", "6.png"));
  EXPECT_EQ(set.left_out, 4);
}

TEST_F(Photos, small_ones_are_enlarged_on_request) {
  add("small.png", {200, 160});
  const PhotoSet set = load_photos(folder_, {.short_side = 320, .enlarge = true});
  EXPECT_EQ(set.photos[0].size, (Size{400, 320}));
}

TEST_F(Photos, a_folder_without_any_says_how_to_get_some) {
  const std::string empty = sentence_of([&] { load_photos(folder_); });
  EXPECT_THAT(empty, HasSubstr(folder_.string()));
  EXPECT_THAT(empty, HasSubstr("--on"));
  add_text("broken.jpg", "this is no picture");
  EXPECT_THAT(sentence_of([&] { load_photos(folder_); }), HasSubstr("1 cannot be read"));
  EXPECT_THAT(sentence_of([&] { load_photos(folder_ / "none"); }), HasSubstr("there is no folder"));
}

TEST_F(Photos, links_that_lead_in_circles_end) {
  add("sub/a.png", {160, 128});
  fs::create_directory_symlink(folder_, folder_ / "sub" / "up");
  EXPECT_THAT(names(load_photos(folder_)), ElementsAre("sub/a.png"));
}

TEST_F(Photos, frames_are_spread_over_the_clip) {
  const fs::path file = clip(40, true, [](int i) { return 60 + 4 * i; });
  const PhotoSet set = load_clip_frames(file, 8);
  ASSERT_EQ(set.photos.size(), 10U);
  const auto brightness = [&](std::size_t i) { return set.photos[i].rgb[159]; };
  for (std::size_t i = 1; i < set.photos.size(); ++i) {
    EXPECT_NEAR(brightness(i) - brightness(i - 1), 4 * 4 * 255.0 / 219, 2) << i;
  }
  EXPECT_EQ(set.photos[2].name, "clip.y4m at 0.32 s");
}

TEST_F(Photos, a_long_clip_is_sought_through) {
  const fs::path file = clip(640, true, [](int i) { return 60 + i / 8; });
  const PhotoSet set = load_clip_frames(file, 4);
  ASSERT_EQ(set.photos.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const double frame = (static_cast<double>(i) + 0.5) / 4 * 640;
    EXPECT_NEAR(set.photos[i].rgb[159], (60 + frame / 8 - 16) * 255 / 219, 3) << i;
  }
}

TEST_F(Photos, blank_frames_teach_nothing) {
  const fs::path partly = clip(8, true, [](int i) { return i < 4 ? 16 : 200; });
  EXPECT_EQ(load_clip_frames(partly, 8).photos.size(), 4U);
  const fs::path blank = clip(8, false, [](int) { return 16; });
  EXPECT_THAT(sentence_of([&] { load_clip_frames(blank, 8); }), HasSubstr("blank"));
}

TEST_F(Photos, a_painting_is_scaled_up_or_down_to_the_side_it_is_seen_at) {
  add("painting.png", {300, 200});
  EXPECT_EQ(load_painting(folder_ / "painting.png", 512).size, (Size{768, 512}));
  EXPECT_EQ(load_painting(folder_ / "painting.png", 100).size, (Size{150, 100}));
  add("scroll.png", {100, 900});
  EXPECT_EQ(load_painting(folder_ / "scroll.png", 200).size, (Size{200, 600}));
}

TEST_F(Photos, what_is_no_painting_is_named) {
  add("dot.png", {1, 1});
  add_text("broken.jpg", "no");
  const fs::path film = clip(3, true, [](int) { return 200; });
  EXPECT_THAT(sentence_of([&] { load_painting(folder_ / "dot.png", 512); }), HasSubstr("1x1"));
  EXPECT_THAT(sentence_of([&] { load_painting(folder_ / "broken.jpg", 512); }),
              HasSubstr("broken.jpg"));
  EXPECT_THAT(sentence_of([&] { load_painting(film, 512); }), HasSubstr("is a video"));
  EXPECT_THAT(sentence_of([&] { load_painting(folder_ / "none.jpg", 512); }),
              HasSubstr("none.jpg"));
}

}  // namespace
}  // namespace impasto::media
