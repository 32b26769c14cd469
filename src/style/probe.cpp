#include "style/probe.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "base/error.h"

namespace impasto::style {
namespace {

/// A file that lives in memory and has a path as long as it lives.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& content) : descriptor_(memfd_create("net", MFD_CLOEXEC)) {
    std::size_t written = 0;
    while (descriptor_ >= 0 && written < content.size()) {
      const ssize_t count = write(descriptor_, content.data() + written, content.size() - written);
      if (count <= 0) {
        break;
      }
      written += static_cast<std::size_t>(count);
    }
    if (descriptor_ < 0 || written < content.size()) {
      throw Error(ExitCode::unavailable, "there is not enough memory to try the net out");
    }
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }

  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

Probe::Probe(const onnx::ModelProto& model) {
  const MemoryFile file(model.SerializeAsString());
  runner_ = std::make_unique<engine::NetRunner>(file.path());
}

engine::Tensor probe_picture(std::int64_t height, std::int64_t width) {
  engine::Tensor picture{{1, 3, height, width}, {}};
  picture.values.reserve(static_cast<std::size_t>(3 * height * width));
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> grain(-0.04F, 0.04F);
  // A sky that brightens downwards, a ground with stripes, a bright disc, each in its own colour.
  constexpr std::array<float, 3> kSky{0.35F, 0.55F, 0.85F};
  constexpr std::array<float, 3> kGround{0.45F, 0.35F, 0.15F};
  constexpr std::array<float, 3> kDisc{0.95F, 0.85F, 0.3F};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const float down = static_cast<float>(y) / static_cast<float>(height);
        const float along = static_cast<float>(x) / static_cast<float>(width);
        float value = kSky[channel] * (0.6F + 0.6F * down);
        if (down > 0.6F + 0.1F * std::sin(7 * along)) {
          value = kGround[channel] * (x / 6 % 2 == 0 ? 1.0F : 0.4F);
        } else if (std::hypot(along - 0.3F, down - 0.3F) < 0.12F) {
          value = kDisc[channel];
        }
        picture.values.push_back(std::clamp(value + grain(random), 0.0F, 1.0F));
      }
    }
  }
  return picture;
}

engine::Tensor probe_noise(const graph::Shape& shape, float scale, unsigned seed) {
  engine::Tensor noise{shape, {}};
  std::int64_t size = 1;
  for (const std::int64_t length : shape) {
    size *= length;
  }
  const std::int64_t plane = shape.size() == 4 ? shape[2] * shape[3] : size;
  noise.values.reserve(static_cast<std::size_t>(size));
  std::minstd_rand random(seed);
  std::uniform_real_distribution<float> grain(-1, 1);
  for (std::int64_t index = 0; index < size; ++index) {
    const auto mean = static_cast<float>(index / plane % 5 - 2);
    noise.values.push_back(scale * (mean * 0.5F + grain(random)));
  }
  return noise;
}

}  // namespace impasto::style
