#include "job/style_request.h"

#include <gmock/gmock.h>

#include <set>

#include "base/error.h"

namespace impasto::job {
namespace {

using ::testing::ElementsAre;

IsThere only(const std::set<std::string>& names) {
  return [names](const std::string& text) { return names.count(text) > 0; };
}

ExitCode refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ExitCode::done;
}

TEST(StyleMix, is_one_style_or_several_with_weights) {
  const IsThere none = only({});
  EXPECT_THAT(parse_mix("starry-night", none), ElementsAre(StyleShare{"starry-night", 1}));
  EXPECT_THAT(parse_mix("a.jpg:0.7,b.jpg:0.3", none),
              ElementsAre(StyleShare{"a.jpg", 0.7}, StyleShare{"b.jpg", 0.3}));
  EXPECT_THAT(parse_mix("a,b:2", none), ElementsAre(StyleShare{"a", 1}, StyleShare{"b", 2}));
}

TEST(StyleMix, knows_names_with_commas_and_colons_when_they_are_there) {
  EXPECT_THAT(parse_mix("Wave, great:1.jpg", only({"Wave, great:1.jpg"})),
              ElementsAre(StyleShare{"Wave, great:1.jpg", 1}));
  EXPECT_THAT(parse_mix("a:0.5", only({"a:0.5"})), ElementsAre(StyleShare{"a:0.5", 1}));
  EXPECT_THAT(parse_mix("x,y.jpg:3,16:9:1,b", only({"x,y.jpg", "16:9"})),
              ElementsAre(StyleShare{"x,y.jpg", 3}, StyleShare{"16:9", 1}, StyleShare{"b", 1}));
  EXPECT_THAT(parse_mix("a:b.jpg", only({})), ElementsAre(StyleShare{"a:b.jpg", 1}));
}

TEST(StyleMix, refuses_weights_that_are_none) {
  const IsThere none = only({});
  EXPECT_EQ(refusal([&] { parse_mix("a:0,b:0", none); }), ExitCode::usage);
  EXPECT_EQ(refusal([&] { parse_mix("a:-1,b:2", none); }), ExitCode::usage);
  EXPECT_EQ(refusal([&] { parse_mix("a,", none); }), ExitCode::usage);
  EXPECT_EQ(refusal([&] { parse_mix(":2", none); }), ExitCode::usage);
}

TEST(StyleKeys, take_seconds_and_timecodes) {
  using media::Seconds;
  EXPECT_THAT(parse_style_keys("0:a.jpg,12s:b.jpg,12.5:c,1:02:03:d,1:02:03.5:e"),
              ElementsAre(StyleKey{Seconds(0), "a.jpg"}, StyleKey{Seconds(12), "b.jpg"},
                          StyleKey{Seconds(12.5), "c"}, StyleKey{Seconds(3723), "d"},
                          StyleKey{Seconds(3723.5), "e"}));
  EXPECT_THAT(parse_style_keys("0:starry-night,3:seurat"),
              ElementsAre(StyleKey{Seconds(0), "starry-night"}, StyleKey{Seconds(3), "seurat"}));
}

TEST(StyleKeys, hold_mixes_and_names_with_commas) {
  EXPECT_THAT(parse_style_keys("0:a:0.5,b:0.5,4s:30.jpg"),
              ElementsAre(StyleKey{media::Seconds(0), "a:0.5,b:0.5"},
                          StyleKey{media::Seconds(4), "30.jpg"}));
}

TEST(StyleKeys, begin_at_zero_and_rise) {
  for (const char* text : {"a,b", "", "1:a", "0:a,0:b", "0:a,5:b,4:c", "0.0.1:a"}) {
    EXPECT_EQ(refusal([&] { parse_style_keys(text); }), ExitCode::usage) << text;
  }
}

TEST(StyleFade, is_one_of_four_ways) {
  EXPECT_EQ(parse_style_fade("cut").seconds.count(), 0);
  EXPECT_EQ(parse_style_fade("1.5").seconds.count(), 1.5);
  EXPECT_EQ(parse_style_fade("2s").seconds.count(), 2);
  EXPECT_EQ(parse_style_fade("continuous").kind, StyleFade::Kind::continuous);
  EXPECT_EQ(parse_style_fade("shot").kind, StyleFade::Kind::shot);
  EXPECT_EQ(refusal([] { parse_style_fade("soon"); }), ExitCode::usage);
  EXPECT_EQ(refusal([] { parse_style_fade("-1"); }), ExitCode::usage);
  EXPECT_EQ(refusal([] { parse_style_fade("s"); }), ExitCode::usage);
}

}  // namespace
}  // namespace impasto::job
