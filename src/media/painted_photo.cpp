#include "media/painted_photo.h"

#include <istream>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace impasto::media {
namespace {

constexpr int kLongestSide = 1 << 14;  ///< In pixels; anything larger is a damaged record.

[[noreturn]] void throw_damaged() {
  throw Error(ExitCode::bad_input,
              "the pictures to measure end too early or are damaged; run the command again");
}

void read_plane(std::istream& stream, std::vector<float>& values, std::size_t count) {
  values.resize(count);
  stream.read(reinterpret_cast<char*>(values.data()),
              static_cast<std::streamsize>(count * sizeof(float)));
  if (!stream) {
    throw_damaged();
  }
}

}  // namespace

void write_painted_photo(const PaintedPhoto& photo,
                         const std::function<void(std::span<const std::byte>)>& write) {
  // Names may hold bytes that are no UTF-8; they are only shown.
  const nlohmann::json about = {{"name", photo.name},
                                {"width", photo.size.width},
                                {"height", photo.size.height},
                                {"dy", photo.dy},
                                {"dx", photo.dx}};
  const std::string line =
      about.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  write(std::as_bytes(std::span(line)));
  for (const auto* planes : {&photo.source, &photo.painted, &photo.moved}) {
    write(std::as_bytes(std::span(*planes)));
  }
}

std::optional<PaintedPhoto> read_painted_photo(std::istream& stream) {
  std::string line;
  if (!std::getline(stream, line)) {
    return std::nullopt;
  }
  PaintedPhoto photo;
  try {
    const auto about = nlohmann::json::parse(line);
    photo.name = about.at("name");
    photo.size = {about.at("width"), about.at("height")};
    photo.dy = about.at("dy");
    photo.dx = about.at("dx");
  } catch (const nlohmann::json::exception&) {
    throw_damaged();
  }
  if (photo.size.width <= 0 || photo.size.height <= 0 || photo.size.width > kLongestSide ||
      photo.size.height > kLongestSide) {
    throw_damaged();
  }
  const std::size_t count = std::size_t{3} * photo.size.width * photo.size.height;
  read_plane(stream, photo.source, count);
  read_plane(stream, photo.painted, count);
  read_plane(stream, photo.moved, count);
  return photo;
}

}  // namespace impasto::media
