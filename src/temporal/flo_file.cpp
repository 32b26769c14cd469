#include "temporal/flo_file.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/error.h"
#include "store/store.h"

namespace impasto::temporal {
namespace {

constexpr std::string_view kMagic = "PIEH";  ///< The float 202021.25, as its bytes read.
constexpr std::size_t kHeader = 12;          ///< Bytes.
constexpr std::int32_t kLargestSide = 1 << 16;
constexpr float kUnknown = 1e9F;

/// The program runs on little-endian machines alone, as the file is.
template <typename Value>
Value read_as(const std::string& bytes, std::size_t offset) {
  Value value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace

FlowField read_flo(const std::string& uri) {
  const std::string bytes = store::read_all(uri);
  if (bytes.size() < kHeader || !bytes.starts_with(kMagic)) {
    throw Error(ExitCode::bad_input,
                fmt::format("'{}' is no flow field; files in the Middlebury form begin with PIEH, "
                            "check what wrote it",
                            uri));
  }
  const auto width = read_as<std::int32_t>(bytes, 4);
  const auto height = read_as<std::int32_t>(bytes, 8);
  if (width < 1 || height < 1 || width > kLargestSide || height > kLargestSide) {
    throw Error(
        ExitCode::bad_input,
        fmt::format("the flow field '{}' says that it is {}x{} pixels, which no picture is; "
                    "get the file again",
                    uri, width, height));
  }
  const std::size_t count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (bytes.size() != kHeader + count * 2 * sizeof(float)) {
    throw Error(ExitCode::bad_input,
                fmt::format("the flow field '{}' has {} bytes, a field of {}x{} pixels has {}; "
                            "get the file again",
                            uri, bytes.size(), width, height, kHeader + count * 2 * sizeof(float)));
  }
  FlowField field{{width, height}, std::vector<float>(count), std::vector<float>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    const auto dx = read_as<float>(bytes, kHeader + i * 2 * sizeof(float));
    const auto dy = read_as<float>(bytes, kHeader + (i * 2 + 1) * sizeof(float));
    const bool known = std::abs(dx) < kUnknown && std::abs(dy) < kUnknown;
    field.dx[i] = known ? dx : std::numeric_limits<float>::quiet_NaN();
    field.dy[i] = known ? dy : std::numeric_limits<float>::quiet_NaN();
  }
  return field;
}

}  // namespace impasto::temporal
