#include "store/remote/xml.h"

#include <gtest/gtest.h>

namespace impasto::store::remote {
namespace {

TEST(Xml, elements_are_found_by_their_whole_names) {
  const std::string xml =
      "<Blobs><BlobPrefix><Name>a/</Name></BlobPrefix><Blob><Name>b</Name></Blob>"
      "<Blob x=\"1\"><Name>c</Name></Blob></Blobs><NextMarker />";
  ASSERT_EQ(elements(xml, "Blob").size(), 2U);
  EXPECT_EQ(text_of(elements(xml, "Blob")[1], "Name"), "c");
  EXPECT_EQ(text_of(elements(xml, "BlobPrefix")[0], "Name"), "a/");
  EXPECT_EQ(text_of(xml, "NextMarker"), "");
  EXPECT_EQ(text_of(xml, "Code"), "");
}

TEST(Xml, entities_are_read_and_what_is_none_stays) {
  EXPECT_EQ(text_of("<N>a &amp; b &lt;c&gt; &#233; &#x20AC; &x; &</N>", "N"),
            "a & b <c> \xC3\xA9 \xE2\x82\xAC &x; &");
}

TEST(Xml, what_breaks_off_is_no_element) {
  EXPECT_TRUE(elements("<Blob><Name>b", "Name").empty());
  EXPECT_TRUE(elements("<Blob", "Blob").empty());
  EXPECT_TRUE(elements("", "Blob").empty());
}

}  // namespace
}  // namespace impasto::store::remote
