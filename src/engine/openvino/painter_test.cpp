#include "engine/painter.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <thread>

#include "base/error.h"
#include "engine/net_runner.h"
#include "engine/openvino/blob_cache.h"
#include "engine/openvino/tiny_onnx.h"

namespace impasto::engine {
namespace {

using openvino::test::scaling_net;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::filesystem::path starry_night() {
  return std::filesystem::path(IMPASTO_SOURCE_DIR) / "styles/starry-night/style.onnx";
}

Picture noise(Size size, unsigned seed) {
  Picture picture(size);
  std::minstd_rand random(seed);
  std::uniform_real_distribution<float> value(0, 1);
  std::generate(picture.data(), picture.data() + 3 * picture.plane_size(),
                [&] { return value(random); });
  return picture;
}

PainterOptions options_for(Size size) {
  PainterOptions options;
  options.canvas = canvas_for(size);
  return options;
}

std::vector<float> paint(Painter& painter, const Picture& in) {
  Picture out(in.size());
  painter.paint(in, out);
  return {out.data(), out.data() + 3 * out.plane_size()};
}

/// Sentence and code of the failure that an action ends in.
std::pair<std::string, ExitCode> failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return {error.what(), error.code()};
  }
  return {"", ExitCode::done};
}

TEST(Painter, paints_many_pictures_at_once_as_one_after_the_other) {
  constexpr int kPictures = 6;
  const Size size{96, 64};
  auto painter = make_painter(starry_night(), options_for(size));
  std::vector<std::vector<float>> alone;
  for (unsigned index = 0; index < kPictures; ++index) {
    alone.push_back(paint(*painter, noise(size, index)));
  }
  std::vector<std::vector<float>> together(kPictures);
  std::vector<std::thread> callers;
  for (unsigned index = 0; index < kPictures; ++index) {
    callers.emplace_back([&, index] { together[index] = paint(*painter, noise(size, index)); });
  }
  for (auto& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(together, alone);
}

TEST(Painter, computes_in_bf16_about_what_it_computes_in_f32) {
  const auto here = devices();
  const auto& precisions = here.front().precisions;
  if (std::find(precisions.begin(), precisions.end(), "bf16") == precisions.end()) {
    GTEST_SKIP() << "this processor has no bf16";
  }
  const Size size{160, 96};
  auto options = options_for(size);
  options.precision = "f32";
  auto exact = make_painter(starry_night(), options);
  options.precision = "bf16";
  auto rough = make_painter(starry_night(), options);
  EXPECT_EQ(exact->info().precision, "f32");
  EXPECT_EQ(rough->info().precision, "bf16");
  const Picture picture = noise(size, 1);
  const auto left = paint(*exact, picture);
  const auto right = paint(*rough, picture);
  double square = 0;
  for (std::size_t index = 0; index < left.size(); ++index) {
    square += std::pow(left[index] - right[index], 2);
  }
  const double root = std::sqrt(square / static_cast<double>(left.size()));
  EXPECT_GT(root, 0);
  EXPECT_LT(root, 0.02);
}

TEST(Painter, keeps_values_outside_of_the_range) {
  const openvino::test::TestFolder folder;
  const Size size{40, 40};
  auto options = options_for(size);
  options.precision = "f32";
  auto painter = make_painter(folder.write("net.onnx", scaling_net(3, {-1})), options);
  const Picture picture = noise(size, 1);
  const auto painted = paint(*painter, picture);
  for (std::size_t index = 0; index < painted.size(); ++index) {
    ASSERT_NEAR(painted[index], 3 * picture.data()[index] - 1, 1e-5);
  }
}

TEST(Painter, takes_pictures_of_odd_sizes) {
  for (const Size size : {Size{1, 1}, Size{33, 21}, Size{101, 67}}) {
    auto painter = make_painter(starry_night(), options_for(size));
    const auto painted = paint(*painter, noise(size, 1));
    EXPECT_TRUE(std::all_of(painted.begin(), painted.end(), [](float value) {
      return std::isfinite(value);
    })) << to_string(size);
  }
}

TEST(Painter, tells_how_many_calls_at_once_use_it_fully) {
  auto options = options_for({64, 64});
  options.threads = 1;
  const auto painter = make_painter(starry_night(), options);
  EXPECT_EQ(painter->info().threads, 1);
  EXPECT_EQ(painter->info().concurrency, 1);
  EXPECT_EQ(painter->info().backend, "openvino");
  EXPECT_FALSE(painter->info().device.empty());
}

TEST(Painter, names_what_there_is_when_asked_for_what_there_is_not) {
  auto options = options_for({64, 64});
  options.device = "abacus";
  auto [device, device_code] = failure([&] { make_painter(starry_night(), options); });
  EXPECT_THAT(device, AllOf(HasSubstr("\"abacus\""), HasSubstr("cpu")));
  EXPECT_EQ(device_code, ExitCode::usage);

  options.device = "CPU";
  options.precision = "f8";
  auto [precision, precision_code] = failure([&] { make_painter(starry_night(), options); });
  EXPECT_THAT(precision, AllOf(HasSubstr("\"f8\""), HasSubstr("auto"), HasSubstr("f32")));
  EXPECT_EQ(precision_code, ExitCode::usage);
}

TEST(Painter, refuses_what_is_no_style_net) {
  const openvino::test::TestFolder folder;
  const auto options = options_for({64, 64});
  const auto refusal = [&](const std::string& bytes) {
    const auto file = folder.write("net.onnx", bytes);
    const auto [sentence, code] = failure([&] { make_painter(file, options); });
    EXPECT_EQ(code, ExitCode::bad_input);
    return sentence;
  };
  EXPECT_THAT(refusal("\xff\xd8\xff\xe0 a JPEG"), HasSubstr("cannot be read as an ONNX net"));
  EXPECT_THAT(refusal(scaling_net(1, {1, 2, 3, 4})), HasSubstr("does not take pictures of 64x64"));
}

TEST(Painter, lists_the_processor_first) {
  const auto here = devices();
  ASSERT_FALSE(here.empty());
  EXPECT_EQ(here.front().name, "cpu");
  EXPECT_THAT(here.front().precisions, ::testing::Contains("f32"));
}

/// A painter whose compiled network is kept in the test's folder.
class CompiledNets : public ::testing::Test {
 protected:
  CompiledNets() : options_(options_for(size_)) {
    options_.cache_folder = folder_.path() / "cache" / "below";
    options_.precision = "f32";
  }

  /// What the net makes of white.
  float white() {
    Picture picture(size_);
    std::fill(picture.data(), picture.data() + 3 * picture.plane_size(), 1.0F);
    return paint(*make_painter(net_, options_), picture).front();
  }

  std::vector<std::filesystem::path> kept() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(options_.cache_folder)) {
      files.push_back(entry.path());
    }
    return files;
  }

  Size size_{48, 32};
  PainterOptions options_;
  openvino::test::TestFolder folder_;
  std::filesystem::path net_ = folder_.write("net.onnx", scaling_net(2, {0}));
};

TEST_F(CompiledNets, are_kept_and_used_again) {
  EXPECT_FLOAT_EQ(white(), 2);
  ASSERT_EQ(kept().size(), 1U);
  const auto written = std::filesystem::last_write_time(kept().front());
  EXPECT_FLOAT_EQ(white(), 2);
  EXPECT_EQ(std::filesystem::last_write_time(kept().front()), written);
}

TEST_F(CompiledNets, are_not_taken_for_another_net_size_or_number_of_threads) {
  EXPECT_FLOAT_EQ(white(), 2);
  folder_.write("net.onnx", scaling_net(3, {0}));
  EXPECT_FLOAT_EQ(white(), 3);
  size_ = {64, 32};
  options_.canvas = canvas_for(size_);
  EXPECT_FLOAT_EQ(white(), 3);
  options_.threads = 1;
  EXPECT_FLOAT_EQ(white(), 3);
  EXPECT_GE(kept().size(), 3U);
}

TEST_F(CompiledNets, that_are_damaged_are_compiled_anew) {
  EXPECT_FLOAT_EQ(white(), 2);
  const auto file = kept().front();
  const auto size = std::filesystem::file_size(file);
  std::filesystem::resize_file(file, size / 2);
  EXPECT_FLOAT_EQ(white(), 2);
  // OpenVINO numbers a net's nodes through the process, so the file is not the same to the byte.
  EXPECT_GT(std::filesystem::file_size(file), size - size / 4) << "a whole one is back";
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(size - size / 4));
    stream << "scribble";
  }
  EXPECT_FLOAT_EQ(white(), 2);
  std::filesystem::resize_file(file, 0);
  EXPECT_FLOAT_EQ(white(), 2);
}

TEST_F(CompiledNets, that_the_device_does_not_take_are_compiled_anew) {
  EXPECT_FLOAT_EQ(white(), 2);
  // A file that is whole by its checksum, yet holds no compiled net.
  std::ifstream stream(kept().front(), std::ios::binary);
  std::string key;
  std::getline(stream, key);
  std::getline(stream, key);
  openvino::BlobCache(options_.cache_folder).store(key, "something else");
  EXPECT_FLOAT_EQ(white(), 2);
}

TEST_F(CompiledNets, that_cannot_be_kept_do_no_harm) {
  options_.cache_folder = "/proc/no/such/place";
  EXPECT_FLOAT_EQ(white(), 2);
}

TEST_F(CompiledNets, make_room_for_new_ones) {
  EXPECT_FLOAT_EQ(white(), 2);
  const auto old = kept().front();
  constexpr std::uintmax_t kHuge = std::uintmax_t{600} << 20U;
  std::filesystem::resize_file(old, kHuge);  // sparse: takes no room on the disk
  options_.threads = 1;
  EXPECT_FLOAT_EQ(white(), 2);
  ASSERT_EQ(kept().size(), 1U);
  EXPECT_NE(kept().front(), old);
}

TEST_F(CompiledNets, may_be_written_by_many_at_once) {
  std::vector<std::thread> makers;
  std::vector<float> answers(8);
  makers.reserve(answers.size());
  for (float& answer : answers) {
    makers.emplace_back([&] { answer = white(); });
  }
  for (auto& maker : makers) {
    maker.join();
  }
  EXPECT_THAT(answers, ::testing::Each(2.0F));
  EXPECT_EQ(kept().size(), 1U) << "no temporary file is left";
}

TEST(NetRunner, runs_a_net_on_any_size_and_says_what_it_does_not_take) {
  const openvino::test::TestFolder folder;
  NetRunner runner(folder.write("net.onnx", scaling_net(2, {1})));
  const Tensor answer = runner.run({{1, 3, 1, 2}, {0, 1, 2, 3, 4, 5}});
  EXPECT_THAT(answer.shape, ::testing::ElementsAre(1, 3, 1, 2));
  EXPECT_THAT(answer.values, ::testing::ElementsAre(1, 3, 5, 7, 9, 11));

  NetRunner fixed(folder.write("fixed.onnx", scaling_net(2, {1, 1}, {1, 3, 1, 2})));
  EXPECT_EQ(failure([&] { fixed.run({{1, 3, 1, 1}, {0, 1, 2}}); }).second, ExitCode::bad_input);
  EXPECT_EQ(failure([&] { NetRunner(folder.write("none.onnx", "none")); }).second,
            ExitCode::bad_input);
}

}  // namespace
}  // namespace impasto::engine
