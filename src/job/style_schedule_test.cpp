#include "job/style_schedule.h"

#include <gmock/gmock.h>

#include <cmath>

namespace impasto::job {
namespace {

using media::Seconds;
using ::testing::ElementsAre;

StyleSchedule schedule_of(const StyleFade& fade, const std::vector<Seconds>& cuts = {}) {
  return {{{Seconds(0), {0, 1}}, {Seconds(4), {1, 1}}, {Seconds(8), {1, 5}}}, fade, cuts};
}

TEST(StyleSchedule, fades_smoothly_around_each_time) {
  const StyleSchedule schedule = schedule_of({StyleFade::Kind::smooth, Seconds(2)});
  EXPECT_THAT(schedule.code_at(Seconds(0)), ElementsAre(0, 1));
  EXPECT_THAT(schedule.code_at(Seconds(3)), ElementsAre(0, 1)) << "the key's own code, exactly";
  EXPECT_THAT(schedule.code_at(Seconds(4)), ElementsAre(0.5F, 1));
  EXPECT_THAT(schedule.code_at(Seconds(5)), ElementsAre(1, 1));
  EXPECT_THAT(schedule.code_at(Seconds(100)), ElementsAre(1, 5));
  float last = 0;
  for (int frame = 0; frame < 100; ++frame) {
    const float value = schedule.code_at(Seconds(3 + frame / 50.0))[0];
    EXPECT_LE(std::abs(value - last), 1.5F / 100 + 1e-4F) << "no jump at frame " << frame;
    EXPECT_GE(value, last);
    last = value;
  }
}

TEST(StyleSchedule, mixes_three_where_fades_overlap) {
  const StyleSchedule schedule(
      {{Seconds(0), {1, 0, 0}}, {Seconds(1), {0, 1, 0}}, {Seconds(2), {0, 0, 1}}},
      {StyleFade::Kind::smooth, Seconds(4)}, {});
  for (double time = 0; time < 5; time += 0.1) {
    const network::Code code = schedule.code_at(Seconds(time));
    EXPECT_NEAR(code[0] + code[1] + code[2], 1, 1e-6);
    EXPECT_GE(*std::min_element(code.begin(), code.end()), 0);
  }
}

TEST(StyleSchedule, changes_at_once_at_a_cut) {
  const StyleSchedule schedule = schedule_of({StyleFade::Kind::smooth, Seconds(0)});
  EXPECT_THAT(schedule.code_at(Seconds(3.96)), ElementsAre(0, 1));
  EXPECT_THAT(schedule.code_at(Seconds(100 * 0.04 - 1e-9)), ElementsAre(1, 1));
}

TEST(StyleSchedule, moves_all_the_way_when_continuous) {
  const StyleSchedule schedule = schedule_of({StyleFade::Kind::continuous, {}});
  EXPECT_THAT(schedule.code_at(Seconds(1)), ElementsAre(0.25F, 1));
  EXPECT_THAT(schedule.code_at(Seconds(4)), ElementsAre(1, 1));
  EXPECT_THAT(schedule.code_at(Seconds(6)), ElementsAre(1, 3));
  EXPECT_THAT(schedule.code_at(Seconds(9)), ElementsAre(1, 5));
}

TEST(StyleSchedule, waits_for_the_shot_to_end) {
  // The first before the first change.
  const StyleSchedule schedule =
      schedule_of({StyleFade::Kind::shot, {}}, {Seconds(2), Seconds(5), Seconds(20)});
  EXPECT_THAT(schedule.code_at(Seconds(4.9)), ElementsAre(0, 1));
  EXPECT_THAT(schedule.code_at(Seconds(5)), ElementsAre(1, 1));
  EXPECT_THAT(schedule.code_at(Seconds(19.9)), ElementsAre(1, 1));
  EXPECT_THAT(schedule.code_at(Seconds(20)), ElementsAre(1, 5));
}

}  // namespace
}  // namespace impasto::job
