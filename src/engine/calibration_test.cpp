#include "engine/calibration.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"

namespace impasto::engine {
namespace {

using ::testing::ElementsAre;

Calibration with(std::vector<float> mean, std::vector<float> deviation) {
  Calibration one;
  one.norms.push_back({"first", std::move(mean), std::move(deviation)});
  one.activations.push_back({"seen", {0.5F, 1}, {-1, 0}, {2, 1e6F / 3}});
  return one;
}

TEST(Calibration, comes_back_from_its_text_as_it_was) {
  const Calibration one = pooled({with({1.0F / 3, -70000}, {1e-6F, 2})});
  const Calibration back = calibration_from_json(to_json(one));
  ASSERT_EQ(back.norms.size(), 1U);
  EXPECT_EQ(back.norms[0].name, "first");
  EXPECT_EQ(back.norms[0].mean, one.norms[0].mean);
  EXPECT_EQ(back.norms[0].deviation, one.norms[0].deviation);
  ASSERT_EQ(back.activations.size(), 1U);
  EXPECT_THAT(back.activations[0].mean, ElementsAre(0.5F, 1));
  EXPECT_THAT(back.activations[0].low, ElementsAre(-1, 0));
  EXPECT_THAT(back.activations[0].high, ElementsAre(2, 65504)) << "in 16 bits, never infinite";
}

TEST(Calibration, of_any_number_of_channels_comes_back) {
  for (std::size_t channels = 0; channels < 8; ++channels) {
    const std::vector<float> values(channels, 0.75F);
    Calibration one;
    one.norms.push_back({"n", values, values});
    EXPECT_EQ(calibration_from_json(to_json(one)).norms[0].mean, values);
  }
}

TEST(Calibration, that_is_broken_is_refused) {
  const auto refused = [](const std::string& text) {
    try {
      calibration_from_json(text);
    } catch (const Error& error) {
      return error.code() == ExitCode::bad_input;
    }
    return false;
  };
  EXPECT_TRUE(refused("nonsense"));
  EXPECT_TRUE(refused("{}"));
  EXPECT_TRUE(refused(R"({"norms":[{"name":"n","mean":"AAAA","deviation":""}],"activations":[]})"));
  EXPECT_TRUE(
      refused(R"({"norms":[{"name":"n","mean":"AAAAAA==","deviation":""}],"activations":[]})"));
  EXPECT_TRUE(refused(R"({"norms":[{"name":"n","mean":"?","deviation":"?"}],"activations":[]})"));
}

TEST(Calibration, of_several_pictures_does_not_count_one_that_stands_out) {
  std::vector<Calibration> pictures(4, with({1, 2}, {3, 4}));
  pictures.push_back(with({100, 2}, {3, 0.5F}));
  pictures.back().activations[0].high[0] = 9;
  const Calibration all = pooled(pictures);
  EXPECT_THAT(all.norms[0].mean, ElementsAre(1, 2));
  EXPECT_THAT(all.norms[0].deviation, ElementsAre(3, 4));
  EXPECT_THAT(all.activations[0].high, ElementsAre(9, 65504)) << "ranges hold all of them";
}

TEST(Calibration, takes_ranges_from_the_pictures_that_tell_them) {
  Calibration silent = with({3, 2}, {3, 4});
  silent.activations.clear();
  const Calibration all = pooled({silent, with({1, 2}, {3, 4})});
  EXPECT_THAT(all.norms[0].mean, ElementsAre(2, 2));
  EXPECT_THAT(all.activations.at(0).low, ElementsAre(-1, 0));
  EXPECT_TRUE(pooled({silent}).activations.empty());
}

TEST(Calibration, tells_how_far_apart_two_pictures_are) {
  const Calibration one = with({0, 1}, {1, 2});
  EXPECT_DOUBLE_EQ(distance(one, one), 0);
  // One channel a deviation away, the other at e times the deviation: the root of half of 1 + 1.
  const Calibration other = with({1, 1}, {1, 2 * std::exp(1.0F)});
  EXPECT_NEAR(distance(one, other), 1, 1e-6);
  EXPECT_NEAR(distance(other, one), 1, 1e-6);
}

TEST(Calibration, of_different_nets_is_neither_pooled_nor_compared) {
  Calibration other = with({0, 1}, {1, 2});
  other.norms[0].name = "another";
  EXPECT_THROW(pooled({with({0, 1}, {1, 2}), other}), Error);
  EXPECT_THROW(distance(with({0, 1}, {1, 2}), other), Error);
  EXPECT_THROW(pooled({}), Error);
}

}  // namespace
}  // namespace impasto::engine
