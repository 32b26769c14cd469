#include "media/shot_list.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "media/made_film.h"
#include "media/reader.h"

namespace impasto::media {
namespace {

using test::face;
using test::film;
using test::house;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Numbers of the frames that begin a shot. Every frame has to come back, in order.
std::vector<int> cuts_in(const std::vector<FramePtr>& frames) {
  ShotLister lister;
  std::vector<int> cuts;
  std::size_t number = 0;
  const auto take = [&] {
    while (const auto told = lister.next()) {
      EXPECT_EQ(told->frame->data[0], frames.at(number)->data[0]);
      if (told->begins_shot) {
        cuts.push_back(static_cast<int>(number));
      }
      ++number;
    }
  };
  for (const FramePtr& frame : frames) {
    lister.see(share(*frame));
    take();
  }
  lister.end();
  take();
  EXPECT_EQ(number, frames.size());
  return cuts;
}

/// Another scene: stripes.
double stripes(double x, double y) { return std::sin(20 * (x + y)) > 0 ? 0.8 : 0.2; }

TEST(ShotLister, tells_cuts_at_their_first_frames) {
  const auto scenes = [](int number, double x, double y) {
    return number < 10 ? house(x, y) : number < 20 ? face(x, y) : stripes(x, y);
  };
  EXPECT_THAT(cuts_in(film(30, scenes)), ElementsAre(10, 20));
  EXPECT_THAT(cuts_in(film(30, scenes, AV_PIX_FMT_YUV420P10LE)), ElementsAre(10, 20));
}

TEST(ShotLister, tells_shots_of_three_frames) {
  EXPECT_THAT(
      cuts_in(film(20,
                   [](int number, double x, double y) {
                     return number < 8 ? house(x, y) : number < 11 ? face(x, y) : stripes(x, y);
                   })),
      ElementsAre(8, 11));
}

TEST(ShotLister, takes_no_flash_for_a_cut_and_misses_none_beside_one) {
  const auto flashing = [](int number, double x, double y) {
    const bool flash = (number >= 6 && number < 11) || number == 16;
    const double scene = number < 20 ? house(x, y) : face(x, y);
    // A light that fills one side, as a shot fired does.
    return flash ? std::max(scene, 1.1 - x) : scene;
  };
  EXPECT_THAT(cuts_in(film(30, flashing)), ElementsAre(20));
  EXPECT_THAT(cuts_in(film(30, [](int number, double x,
                                  double y) { return number == 8 ? 1.0 : house(x, y); })),
              IsEmpty());
}

TEST(ShotLister, takes_no_movement_for_a_cut) {
  EXPECT_THAT(cuts_in(film(40, [](int number, double x,
                                  double y) { return house(x, y, 0.02 * number - 0.4); })),
              IsEmpty());
  EXPECT_THAT(cuts_in(film(40,
                           [](int number, double x, double y) {  // shaken
                             return house(x + 0.03 * (number % 2), y - 0.02 * (number % 3));
                           })),
              IsEmpty());
  EXPECT_THAT(cuts_in(film(40,
                           [](int number, double x, double y) {  // somebody walks in
                             return x < 0.02 * number - 0.2 && y > 0.2 ? 0.05 : house(x, y);
                           })),
              IsEmpty());
}

TEST(ShotLister, tells_a_fade_by_what_comes_after_it) {
  const auto fade = [](int number) { return std::min(1.0, std::abs(number - 20) / 15.0); };
  EXPECT_THAT(
      cuts_in(film(40, [&](int number, double x, double y) { return house(x, y) * fade(number); })),
      IsEmpty());
  for (const double blank : {0.0, 1.0}) {
    const auto to_another = [&](int number, double x, double y) {
      const double scene = number < 20 ? house(x, y) : face(x, y);
      return blank + (scene - blank) * fade(number);
    };
    const auto cuts = cuts_in(film(40, to_another));
    ASSERT_EQ(cuts.size(), 1U) << "to " << blank;
    EXPECT_NEAR(cuts.front(), 20, 2);
  }
}

TEST(ShotLister, takes_bars_above_and_below_for_what_they_are) {
  EXPECT_THAT(
      cuts_in(film(20,
                   [](int number, double x, double y) {
                     return std::abs(y - 0.5) > 0.35 ? 0.0 : number < 9 ? house(x, y) : face(x, y);
                   })),
      ElementsAre(9));
}

TEST(ShotLister, tells_one_shot_of_what_never_changes) {
  EXPECT_THAT(cuts_in(film(20, [](int, double x, double y) { return face(x, y); })), IsEmpty());
  EXPECT_THAT(cuts_in(film(20, [](int, double, double) { return 0.0; })), IsEmpty());
  EXPECT_THAT(cuts_in(film(2, [](int, double x, double y) { return face(x, y); })), IsEmpty());
  EXPECT_THAT(cuts_in({}), IsEmpty());
}

/// Real clips, where they are at hand.
class RealShots : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(folder_)) {
      GTEST_SKIP() << "there are no shared clips";
    }
  }

  std::vector<FramePtr> frames_of(const std::string& name, std::size_t most = 10'000) const {
    ReaderOptions options;
    options.frames_only = true;
    const std::string file = (folder_ / name).string();
    Reader reader(store::for_uri(file).open(file), options);
    std::vector<FramePtr> frames;
    while (frames.size() < most) {
      ReadItem item = reader.next();
      if (std::holds_alternative<std::monostate>(item)) {
        break;
      }
      if (auto* frame = std::get_if<FramePtr>(&item)) {
        frames.push_back(std::move(*frame));
      }
    }
    return frames;
  }

  std::filesystem::path folder_ =
      std::filesystem::path(IMPASTO_SOURCE_DIR) / ".." / "shared" / "media" / "video";
};

TEST_F(RealShots, of_a_battle_are_all_told) {
  // As seen by eye, but for 1446: a gun's flash that lights another face than was seen before.
  EXPECT_THAT(cuts_in(frames_of("tears-of-steel-battle-clip-medium.webm")),
              ElementsAre(52, 122, 158, 221, 309, 715, 788, 872, 901, 987, 1127, 1157, 1203, 1234,
                          1246, 1284, 1345, 1378, 1430, 1446, 1472, 1525, 1571, 1618, 1650, 1689));
}

TEST_F(RealShots, of_single_takes_are_one) {
  for (const char* name : {"flower.mp4", "friday.mp4", "car-detection.mp4", "av1_video.mkv"}) {
    EXPECT_THAT(cuts_in(frames_of(name, 400)), IsEmpty()) << name;
  }
  EXPECT_THAT(cuts_in(frames_of("cityCC0.mpg")), ElementsAre(116));
}

TEST_F(RealShots, that_follow_each_other_are_told_apart) {
  const std::vector<std::string> names{"flower.mp4", "friday.mp4", "cityCC0.mpg",
                                       "car-detection.mp4", "dog_1080p_forensics.mp4"};
  constexpr std::size_t kFrames = 25;
  std::vector<FramePtr> frames;
  std::vector<int> wanted;
  for (const std::string& name : names) {
    for (FramePtr& frame : frames_of(name, kFrames)) {
      frames.push_back(std::move(frame));
    }
    wanted.push_back(static_cast<int>(frames.size()));
  }
  wanted.pop_back();
  EXPECT_EQ(cuts_in(frames), wanted);
}

}  // namespace
}  // namespace impasto::media
