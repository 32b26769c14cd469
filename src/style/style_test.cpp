#include "style/style.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/error.h"
#include "base/sha256.h"
#include "graph/onnx_file.h"
#include "style/test_nets.h"

namespace impasto::style {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

onnx::ModelProto small_style(const std::string& name) {
  auto model = test::net(13, "(float[N,3,H,W] image) => (float[N,3,H,W] painted)",
                         "painted = Sigmoid(image)");
  graph::set_metadata(model, "name", name);
  graph::set_metadata(model, "painting", "Nobody, Nothing");
  return model;
}

/// Styles of the test's own folder only.
class Styles : public ::testing::Test {
 protected:
  Styles() {
    setenv("IMPASTO_STYLES", folder_.path().c_str(), 1);
    setenv("XDG_DATA_HOME", (folder_.path() / "home").c_str(), 1);
  }
  ~Styles() override { unsetenv("IMPASTO_STYLES"); }

  static std::string sentence(const std::string& name_or_file) {
    try {
      find(name_or_file);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_input);
      return error.what();
    }
    return "";
  }

  test::TestFolder folder_;
};

TEST_F(Styles, are_found_by_name_and_by_file) {
  const auto file = folder_.path() / "one" / "style.onnx";
  test::write(file, small_style("one"));
  const Style by_name = find("one");
  EXPECT_EQ(by_name.file, file);
  EXPECT_EQ(by_name.painting, "Nobody, Nothing");
  EXPECT_EQ(by_name.sha256.size(), 64U);
  EXPECT_EQ(find(file.string()).sha256, by_name.sha256);
  EXPECT_EQ(find(file.parent_path().string()).sha256, by_name.sha256);
}

TEST_F(Styles, are_listed_by_name_and_broken_ones_left_out_with_a_sentence) {
  test::write(folder_.path() / "two" / "style.onnx", small_style("two"));
  test::write(folder_.path() / "one" / "style.onnx", small_style("one"));
  test::write(folder_.path() / "broken" / "style.onnx", std::string("no net"));
  std::vector<std::string> problems;
  const auto styles = list(&problems);
  std::vector<std::string> names;
  for (const Style& style : styles) {
    if (style.file.string().starts_with(folder_.path().string())) {
      names.push_back(style.name);
    }
  }
  EXPECT_THAT(names, ::testing::ElementsAre("one", "two"));
  EXPECT_THAT(problems, ::testing::ElementsAre(HasSubstr("broken")));
}

TEST_F(Styles, that_are_unknown_are_answered_with_those_there_are) {
  test::write(folder_.path() / "one" / "style.onnx", small_style("one"));
  EXPECT_THAT(sentence("van-gogh"), AllOf(HasSubstr("\"van-gogh\""), HasSubstr("one")));
}

TEST_F(Styles, that_are_no_nets_are_refused) {
  const auto file = folder_.path() / "bad.onnx";
  test::write(file, std::string());
  EXPECT_THAT(sentence(file), HasSubstr("is empty"));
  test::write(file, std::string("\xff\xd8\xff\xe0 JFIF and so on"));
  EXPECT_THAT(sentence(file), HasSubstr("is not an ONNX net"));
  const std::string whole = small_style("cut").SerializeAsString();
  test::write(file, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(sentence(file), HasSubstr("is not an ONNX net"));
  EXPECT_THAT(sentence((folder_.path() / "absent.onnx").string()), HasSubstr("absent.onnx"));
}

TEST_F(Styles, that_must_be_imported_first_come_with_the_command) {
  const auto file = folder_.path() / "mosaic_256.onnx";
  test::write(file,
              test::net(13, "(float[1,3,256,256] x) => (float[1,3,256,256] y)", "y = Tanh(x)"));
  EXPECT_THAT(sentence(file),
              HasSubstr("impasto styles import " + file.string() + " --name mosaic"));
}

TEST_F(Styles, keep_their_sums) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(Styles, of_the_repository_keep_the_contract) {
  const auto file = std::filesystem::path(IMPASTO_SOURCE_DIR) / "styles/starry-night/style.onnx";
  EXPECT_EQ(find(file).name, "starry-night");
}

}  // namespace
}  // namespace impasto::style
