#include "job/machine.h"

#include <gtest/gtest.h>

namespace impasto::job {
namespace {

TEST(Machine, reads_name_and_features_as_the_kernel_tells_them) {
  const Processor processor = parse_processor(
      "processor\t: 0\nmodel name\t: Made(R) Processor 1\n"
      "flags\t\t: fpu avx2 avx512f avx_vnni amx_bf16\n\n"
      "processor\t: 1\nmodel name\t: Made(R) Processor 2\nflags\t: fpu\n");
  EXPECT_EQ(processor.name, "Made(R) Processor 1");
  EXPECT_TRUE(processor.has("AVX2"));
  EXPECT_TRUE(processor.has("AVX-512"));
  EXPECT_TRUE(processor.has("VNNI"));
  EXPECT_TRUE(processor.has("BF16"));
  EXPECT_FALSE(processor.has("AMX"));
}

TEST(Machine, unknown_processor_has_no_features_and_is_no_failure) {
  const Processor processor = parse_processor("");
  EXPECT_EQ(processor.name, "unknown");
  EXPECT_FALSE(processor.has("AVX2"));
  EXPECT_FALSE(processor.has("no such feature"));
}

TEST(Machine, this_one_has_processors_and_memory) {
  const Processor here = processor();
  EXPECT_GE(here.usable, 1);
  EXPECT_GE(here.present, here.usable);
  EXPECT_GT(memory().available, 0U);
  EXPECT_GE(memory().total, memory().available);
}

}  // namespace
}  // namespace impasto::job
