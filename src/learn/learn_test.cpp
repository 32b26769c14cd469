#include "learn/learn.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <numeric>
#include <sstream>

#include "base/error.h"
#include "media/still_png.h"
#include "network/network_file.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

namespace fs = std::filesystem;

/// A folder with a made painting and made photos, which goes away.
class Studio {
 public:
  Studio() : folder_(fs::temp_directory_path() / "impasto-learn-test") {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "photos");
    write("painting.png", [](int x, int y) { return (x / 12 + y / 12) % 2 == 0 ? 0.9F : 0.1F; });
    for (int i = 0; i < 3; ++i) {
      write("photos/" + std::to_string(i) + ".png", [i](int x, int y) {
        return 0.5F + 0.4F * std::sin(static_cast<float>(x * (i + 1) + y) / 40.0F);
      });
    }
  }
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;
  ~Studio() { fs::remove_all(folder_); }

  [[nodiscard]] LearnOptions options(std::int64_t steps) const {
    LearnOptions options;
    options.painting = folder_ / "painting.png";
    options.photos = folder_ / "photos";
    options.out = folder_ / "style.onnx";
    options.vgg = fs::path(IMPASTO_SOURCE_DIR) / ".deps" / "vgg19_relu5_1.safetensors";
    options.budget.steps = steps;
    options.overwrite = true;
    options.preview = folder_ / "preview";
    options.metadata["name"] = "made";
    return options;
  }

 private:
  template <typename Value>
  void write(const std::string& name, const Value& value) {
    Picture picture({240, 208});
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 0; y < 208; ++y) {
        for (int x = 0; x < 240; ++x) {
          picture.plane(channel)[y * picture.stride() + x] =
              value(x, y) * (1.0F - 0.2F * static_cast<float>(channel));
        }
      }
    }
    media::write_png(picture, (folder_ / name).string(), true);
  }

  fs::path folder_;
};

class Learn : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(studio_.options(1).vgg)) {
      GTEST_SKIP() << "VGG-19 is not there; tools/setup fetches it";
    }
  }

  /// Style losses of the steps, from the CSV beside the preview.
  std::vector<double> learn(const LearnOptions& options) {
    std::ostringstream told;
    ProgressOutput output = standard_progress_output();
    output.stream = &told;
    Progress progress(ProgressMode::plain, output);
    learn_style(options, progress);
    std::istringstream table(store::read_all((options.preview / "losses.csv").string()));
    std::string line;
    std::getline(table, line);
    std::vector<double> styles;
    while (std::getline(table, line)) {
      std::istringstream cells(line);
      std::string cell;
      for (int column = 0; column < 4; ++column) {
        std::getline(cells, cell, ',');
      }
      styles.push_back(std::stod(cell));
    }
    return styles;
  }

  Studio studio_;
};

TEST_F(Learn, thirty_steps_take_a_seventh_off_the_style_loss) {
  const auto losses = learn(studio_.options(30));
  ASSERT_EQ(losses.size(), 30U);
  const double at_first = std::accumulate(losses.begin(), losses.begin() + 5, 0.0);
  const double at_last = std::accumulate(losses.end() - 5, losses.end(), 0.0);
  EXPECT_LT(at_last, at_first * 6 / 7);
  const auto weights =
      network::read(store::read_all(studio_.options(1).out.string()), "style.onnx");
  EXPECT_EQ(weights.count("stem.scale"), 1U);
  EXPECT_TRUE(fs::exists(studio_.options(1).preview / "losses.svg"));
  EXPECT_FALSE(fs::exists(studio_.options(1).out.string() + ".checkpoint"));
}

TEST_F(Learn, begins_from_a_style_with_its_code_alone) {
  learn(studio_.options(2));
  LearnOptions options = studio_.options(30);  // a tenth of it: three steps for the code
  options.base = options.out;
  options.out = options.out.parent_path() / "second.onnx";
  options.budget.steps = 1;
  learn(options);
  const auto before = network::read(store::read_all(options.base.string()), "first");
  const auto after = network::read(store::read_all(options.out.string()), "second");
  EXPECT_EQ(before.at("block1.a.weight"), after.at("block1.a.weight"));
  EXPECT_NE(before.at("block1.a.scale"), after.at("block1.a.scale"));
}

TEST_F(Learn, says_what_is_missing) {
  LearnOptions options = studio_.options(1);
  options.photos.clear();
  EXPECT_THROW(learn(options), Error);
  options = studio_.options(1);
  options.painting = "/nowhere.png";
  EXPECT_THROW(learn(options), Error);
}

TEST(Stability, is_a_dial_with_twenty_in_its_middle) {
  EXPECT_EQ(shift_weight(0), 0);
  EXPECT_EQ(shift_weight(5), 20);
  EXPECT_EQ(shift_weight(10), 160);
}

}  // namespace
}  // namespace impasto::learn
