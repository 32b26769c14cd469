#include "job/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job/speed.h"

namespace impasto::job {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t kGigabyte = 1000000000;

Facts good_machine() {
  Facts facts;
  facts.processor = parse_processor("flags : avx2 avx512_bf16\n");
  facts.memory = {16 * kGigabyte, 8 * kGigabyte};
  facts.disks = {{"/films", 100 * kGigabyte}};
  facts.codecs = {{"h264", "libx264", false}};
  return facts;
}

TEST(Doctor, good_machine_misses_nothing) {
  EXPECT_THAT(what_is_missing(good_machine()), IsEmpty());
}

TEST(Doctor, each_shortage_is_a_sentence_that_says_what_to_do) {
  Facts facts = good_machine();
  facts.processor = parse_processor("flags : avx2\n");
  facts.processor.present = 4;
  facts.intel_graphics = true;
  facts.memory.available = kGigabyte;
  facts.disks.push_back({"/cache", kGigabyte});
  facts.codecs.push_back({"av1", "", false});
  EXPECT_THAT(
      what_is_missing(facts),
      ElementsAre(HasSubstr("does not compute in bf16"), HasSubstr("Only 1 of 4 processors"),
                  HasSubstr("intel-opencl-icd"), HasSubstr("close other programs"),
                  HasSubstr("disk of /cache"), HasSubstr("cannot encode av1")));
}

TEST(Doctor, looks_around_here) {
  const Facts facts = look_around("");
  EXPECT_FALSE(facts.devices.empty());
  EXPECT_FALSE(facts.codecs.empty());
  ASSERT_EQ(facts.disks.size(), 1U);
}

TEST(Doctor, measures_network_and_paint_on_real_pictures) {
  const Speed speed =
      measure_speed(IMPASTO_SOURCE_DIR "/styles/starry-night/style.onnx", {320, 180}, {});
  EXPECT_GT(speed.network_fps, 0);
  EXPECT_GT(speed.encode_seconds, 0);
  EXPECT_GT(speed.finish_seconds, 0);
  EXPECT_LT(speed.paint_fps, speed.network_fps);
}

}  // namespace
}  // namespace impasto::job
