#include "job/plan.h"

#include <gmock/gmock.h>

#include <vector>

#include "base/error.h"

namespace impasto::job {
namespace {

using ::testing::ElementsAre;
using Times = std::vector<std::int64_t>;

/// Frames 40 ms apart.
Times frames(int count) {
  Times times;
  for (int i = 0; i < count; ++i) {
    times.push_back(1000 + std::int64_t{40} * i);
  }
  return times;
}

/// A film with a key frame every `step` frames.
std::vector<Segment> segments(int count, const Times& cuts, int warm_up = 0, int step = 1) {
  FilmFrames film{frames(count), {}, cuts, 0, 1000, false};
  film.until = film.times.back() + 40;
  for (int i = 0; i < count; i += step) {
    film.keys.push_back(film.times[static_cast<std::size_t>(i)]);
  }
  return segments_of(film, warm_up);
}

std::vector<std::int64_t> beginnings(const std::vector<Segment>& all) {
  std::vector<std::int64_t> result;
  result.reserve(all.size());
  for (const Segment& one : all) {
    result.push_back((one.from - 1000) / 40);
  }
  return result;
}

Plan a_plan() {
  Plan plan;
  plan.program = "impasto test";
  plan.input = {"in.mp4", 1234, "abc"};
  plan.output = "out.mp4";
  plan.style = {"starry-night", "The Starry Night", "def", {}};
  plan.options.encode = {"h264", 20, "fast", 4};
  plan.options.stroke.reset();
  plan.options.start = media::Seconds(1.5);
  plan.time_base = {1, 1000};
  plan.times = {0, 40, 80, 130, 170};
  plan.durations = {{130, 30}};
  plan.damage = {"2 frames were damaged"};
  plan.film.cuts = {80};
  plan.segments = {{0, 80, 2, 0, 0, "0123456789abcdef"}, {80, 210, 3, 80, 0, "fedcba9876543210"}};
  plan.data = "s3://bucket/data/film-01234567";
  return plan;
}

TEST(Segments, hold_every_frame_once_and_in_order) {
  for (const int count : {1, 2, 19, 100, 251, 1000}) {
    const std::vector<Segment> all = segments(count, {});
    std::int64_t held = 0;
    std::int64_t next = 1000;
    for (const Segment& one : all) {
      EXPECT_EQ(one.from, next);
      EXPECT_GT(one.frames, 0);
      EXPECT_LE(one.until - one.from, 10'040);
      held += one.frames;
      next = one.until;
    }
    EXPECT_EQ(held, count);
    EXPECT_EQ(next, 1000 + 40 * count);
  }
}

TEST(Segments, of_a_long_shot_are_alike) {
  EXPECT_THAT(beginnings(segments(750, {})), ElementsAre(0, 250, 500));
  EXPECT_THAT(beginnings(segments(300, {})), ElementsAre(0, 150));
}

TEST(Segments, begin_at_cuts_and_hold_several_short_shots) {
  // Shots of 5 s, 1 s, 1 s and 6 s.
  EXPECT_THAT(beginnings(segments(325, {1000 + 125 * 40, 1000 + 150 * 40, 1000 + 175 * 40})),
              ElementsAre(0, 125));
  EXPECT_THAT(beginnings(segments(500, {1000 + 125 * 40, 1000 + 250 * 40})),
              ElementsAre(0, 125, 250));
}

TEST(Segments, begin_near_key_frames_where_there_are_any) {
  const std::vector<Segment> all = segments(600, {}, 0, 48);
  EXPECT_THAT(beginnings(all), ElementsAre(0, 192, 384));
  for (const Segment& one : all) {
    EXPECT_EQ(one.seek, one.from);
  }
  const std::vector<Segment> sparse = segments(600, {}, 15, 500);
  EXPECT_THAT(beginnings(sparse), ElementsAre(0, 200, 500));
  EXPECT_EQ(sparse[1].seek, 1000);
  EXPECT_EQ(sparse[2].seek, 1000) << "warming up begins before the key frame";
}

TEST(Segments, warm_up_within_their_shot) {
  const std::vector<Segment> all = segments(625, {1000 + 125 * 40}, 15);
  ASSERT_THAT(beginnings(all), ElementsAre(0, 125, 375));
  EXPECT_EQ(all[0].warm_up, all[0].from);
  EXPECT_EQ(all[1].warm_up, all[1].from) << "a cut";
  EXPECT_EQ(all[2].warm_up, all[2].from - 600) << "15 frames";
}

TEST(Plan, comes_back_from_its_text) {
  const Plan plan = a_plan();
  const Plan back = plan_from_json(to_json(plan));
  EXPECT_EQ(to_json(back), to_json(plan));
  EXPECT_EQ(back.times, plan.times);
  EXPECT_EQ(back.durations, plan.durations);
  EXPECT_EQ(back.segments, plan.segments);
  EXPECT_EQ(back.data, plan.data);
  EXPECT_EQ(back.film.cuts, plan.film.cuts);
  EXPECT_FALSE(back.options.stroke);
  EXPECT_EQ(back.options.start, plan.options.start);
  EXPECT_THROW(plan_from_json("{}"), Error);
  EXPECT_THROW(plan_from_json("not JSON"), Error);
}

TEST(Plan, knows_how_long_frames_are_shown) {
  const Plan plan = a_plan();
  EXPECT_THAT(durations_in(plan, plan.segments[0]),
              ElementsAre(std::pair(0, 40), std::pair(40, 40)));
  EXPECT_THAT(durations_in(plan, plan.segments[1]),
              ElementsAre(std::pair(80, 50), std::pair(130, 30), std::pair(170, 40)));
}

TEST(Plan, gives_other_keys_to_what_is_painted_otherwise) {
  const Plan plan = a_plan();
  const std::string key = segment_keys(plan)[0];
  EXPECT_EQ(key.size(), 16U);
  EXPECT_NE(segment_keys(plan)[1], key);
  Plan other = plan;
  other.options.encode.quality = 21;
  EXPECT_NE(segment_keys(other)[0], key);
  other = plan;
  other.input.sha256 = "other";
  EXPECT_NE(segment_keys(other)[0], key);
  other = plan;
  other.style.sha256 = "other";
  EXPECT_NE(segment_keys(other)[0], key);
  other = plan;
  other.options.stability = 3;
  EXPECT_NE(segment_keys(other)[0], key);
  other = plan;
  other.options.overwrite = true;
  other.output = "elsewhere.mp4";
  other.data = "elsewhere";
  EXPECT_EQ(segment_keys(other)[0], key) << "what changes no bytes";
}

}  // namespace
}  // namespace impasto::job
