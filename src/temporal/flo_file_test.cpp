#include "temporal/flo_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "store/store.h"

namespace impasto::temporal {
namespace {

class FloFile : public testing::Test {
 protected:
  void SetUp() override {
    file_ = (std::filesystem::temp_directory_path() /
             ("impasto-flo-" + std::to_string(::getpid()) + ".flo"))
                .string();
  }
  void TearDown() override { std::filesystem::remove(file_); }

  void write(std::int32_t width, std::int32_t height, const std::vector<float>& values) {
    std::string bytes = "PIEH";
    bytes.append(reinterpret_cast<const char*>(&width), sizeof width);
    bytes.append(reinterpret_cast<const char*>(&height), sizeof height);
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    store::write_all(file_, bytes, true);
  }
  void expect_refusal(const char* why) {
    try {
      read_flo(file_);
      FAIL() << why;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_input);
      EXPECT_THAT(error.what(), testing::HasSubstr(why));
    }
  }

  std::string file_;
};

TEST_F(FloFile, holds_both_directions_of_every_pixel) {
  write(2, 1, {1.5F, -2, 3, 4});
  const FlowField flow = read_flo(file_);
  EXPECT_EQ(flow.size, (Size{2, 1}));
  EXPECT_THAT(flow.dx, testing::ElementsAre(1.5F, 3));
  EXPECT_THAT(flow.dy, testing::ElementsAre(-2, 4));
}

TEST_F(FloFile, what_is_not_known_is_no_number) {
  write(1, 2, {1e10F, 0, 0, std::nanf("")});
  const FlowField flow = read_flo(file_);
  EXPECT_TRUE(std::isnan(flow.dx[0]) && std::isnan(flow.dy[0]));
  EXPECT_TRUE(std::isnan(flow.dx[1]) && std::isnan(flow.dy[1]));
}

TEST_F(FloFile, what_is_no_flow_is_refused) {
  store::write_all(file_, "PIE", true);
  expect_refusal("no flow field");
  store::write_all(file_, "P6 2 2 255 012345678901", true);
  expect_refusal("no flow field");
  write(0, 4, {});
  expect_refusal("0x4");
  write(1 << 30, 1 << 30, {});
  expect_refusal("no picture is");
  write(2, 2, {1, 2, 3});
  expect_refusal("24 bytes");
  write(1, 1, {1, 2, 3});
  expect_refusal("24 bytes");
}

}  // namespace
}  // namespace impasto::temporal
