#include "engine/enlarger.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <openvino/openvino.hpp>

#include "base/error.h"
#include "base/vectorised.h"
#include "engine/openvino/device.h"
#include "engine/openvino/net.h"
#include "engine/openvino/requests.h"
#include "engine/openvino/streams.h"

namespace impasto::engine {
namespace {

using openvino::DeviceChoice;
using openvino::Loan;
using openvino::reason;
using openvino::RequestPool;
using openvino::Split;

constexpr int kBlock = 2;                           ///< Side of the blocks that go in ...
constexpr int kLarge = kBlock * Enlarger::kFactor;  ///< ... and that come out.
constexpr int kMargin = 3;                          ///< Blocks around, one for each convolution.
constexpr std::size_t kIn = static_cast<std::size_t>(kBlock) * kBlock;
constexpr std::size_t kOut = static_cast<std::size_t>(kLarge) * kLarge;
/// Lines of blocks that are enlarged at a time: as many as a core's own cache holds.
constexpr int kStrip = 32;

/// The place that a mirror image without a second edge shows at `place`.
int mirrored(int place, int size) {
  const int inside = place < 0 ? -place : place;
  return inside >= size ? 2 * (size - 1) - inside : inside;
}

/// Interleaves two rows of pixels to blocks of four.
IMPASTO_VECTORISED
void fold_rows(const float* upper, const float* lower, std::size_t blocks, float* to) {
  for (std::size_t x = 0; x < blocks; ++x) {
    to[4 * x] = upper[2 * x];
    to[4 * x + 1] = upper[2 * x + 1];
    to[4 * x + 2] = lower[2 * x];
    to[4 * x + 3] = lower[2 * x + 1];
  }
}

/// A row of the large picture: each pixel of the small one twice, and its details.
IMPASTO_VECTORISED
void unfold_row(const float* small, const float* details, std::size_t blocks, float* to) {
  for (std::size_t x = 0; x < blocks; ++x) {
    to[4 * x] = small[2 * x] + details[kOut * x];
    to[4 * x + 1] = small[2 * x] + details[kOut * x + 1];
    to[4 * x + 2] = small[2 * x + 1] + details[kOut * x + 2];
    to[4 * x + 3] = small[2 * x + 1] + details[kOut * x + 3];
  }
}

/// The net for strips of one width.
class Strips {
 public:
  Strips(ov::CompiledModel net, int lines)
      : net_(std::move(net)),
        lines_(lines),
        requests_(net_, std::max(1, static_cast<int>(
                                        net_.get_property(ov::optimal_number_of_infer_requests)))) {
  }

  void enlarge(Plane<const float> from, Plane<float> to) {
    const int all = from.size.height / kBlock;
    Loan loan(requests_);
    for (int line = 0; line < all; line += lines_) {
      // The last strip is as high as the others: it begins where the one before has not ended.
      const int begin = std::min(line, all - lines_);
      fold_strip(from, begin, (*loan).get_input_tensor().data<float>());
      (*loan).infer();
      unfold_strip(from, begin, (*loan).get_output_tensor().data<const float>(), to);
    }
  }

 private:
  void fold_strip(Plane<const float> from, int begin, float* blocks) const {
    const int inside = from.size.width / kBlock;
    const int width = inside + 2 * kMargin;
    for (int line = 0; line < lines_ + 2 * kMargin; ++line) {
      const int y = (begin + line - kMargin) * kBlock;
      const float* upper = from.row(mirrored(y, from.size.height));
      const float* lower = from.row(mirrored(y + 1, from.size.height));
      float* row = blocks + static_cast<std::size_t>(line) * static_cast<std::size_t>(width) * kIn;
      fold_rows(upper, lower, static_cast<std::size_t>(inside), row + kMargin * kIn);
      for (int x = 0; x < kMargin * kBlock; ++x) {
        const int left = -1 - x;
        const int right = from.size.width + x;
        for (const int place : {left, right}) {
          const int at = place + kMargin * kBlock;
          float* block = row + static_cast<std::size_t>(at / kBlock) * kIn +
                         static_cast<std::size_t>(at % kBlock);
          block[0] = upper[mirrored(place, from.size.width)];
          block[kBlock] = lower[mirrored(place, from.size.width)];
        }
      }
    }
  }

  void unfold_strip(Plane<const float> from, int begin, const float* details,
                    Plane<float> to) const {
    const int width = from.size.width / kBlock;
    for (int y = 0; y < lines_ * kLarge; ++y) {
      const int row = begin * kLarge + y;
      unfold_row(from.row(row / Enlarger::kFactor),
                 details +
                     static_cast<std::size_t>(y / kLarge) * static_cast<std::size_t>(width) * kOut +
                     static_cast<std::size_t>(y % kLarge) * kLarge,
                 static_cast<std::size_t>(width), to.row(row));
    }
  }

  ov::CompiledModel net_;
  int lines_;
  RequestPool requests_;
};

class OpenVinoEnlarger : public Enlarger {
 public:
  OpenVinoEnlarger(const std::filesystem::path& onnx_file, const PainterOptions& options)
      : file_(onnx_file),
        device_(openvino::choose_device(core_, options)),
        split_(openvino::split_threads(options.threads)),
        net_(openvino::read_net(onnx_file)) {}

  void enlarge(Plane<const float> from, Plane<float> to) override {
    constexpr int kLeast = 16;
    if (from.size.width % kBlock != 0 || from.size.height % kBlock != 0 ||
        from.size.width < kLeast || from.size.height < kLeast ||
        to.size != Size{from.size.width * kFactor, from.size.height * kFactor}) {
      throw Error(ExitCode::bug, fmt::format("an enlarger was given a plane of {} to make {} of",
                                             to_string(from.size), to_string(to.size)));
    }
    Strips& strips = strips_for(from.size);
    try {
      strips.enlarge(from, to);
    } catch (const ov::Exception& failure) {
      throw Error(ExitCode::unavailable,
                  fmt::format("the device {} failed to enlarge a picture of {}: {}",
                              device_.full_name, to_string(from.size), reason(failure)));
    }
  }

 private:
  Strips& strips_for(Size size) {
    const int lines = std::min(kStrip, size.height / kBlock);
    const std::lock_guard lock(mutex_);
    auto& strips = strips_[{size.width, lines}];
    if (!strips) {
      strips = std::make_unique<Strips>(compile(size.width / kBlock, lines), lines);
    }
    return *strips;
  }

  ov::CompiledModel compile(int width, int lines) {
    const auto net = net_->clone();
    try {
      net->reshape(ov::PartialShape{1, static_cast<std::int64_t>(kIn), lines + 2 * kMargin,
                                    width + 2 * kMargin});
      ov::preprocess::PrePostProcessor ends(net);
      // Channels last is how the blocks lie in our rows.
      ends.input().tensor().set_layout("NHWC");
      ends.input().model().set_layout("NCHW");
      ends.output().tensor().set_layout("NHWC");
      ends.output().model().set_layout("NCHW");
      return core_.compile_model(ends.build(), device_.name,
                                 openvino::compile_options(device_, split_));
    } catch (const std::exception& failure) {
      throw Error(ExitCode::bad_input,
                  fmt::format("{} cannot be compiled: {}", file_.string(), reason(failure)));
    }
  }

  std::filesystem::path file_;
  ov::Core core_;
  DeviceChoice device_;
  Split split_;
  std::shared_ptr<ov::Model> net_;
  std::mutex mutex_;
  std::map<std::pair<int, int>, std::unique_ptr<Strips>> strips_;
};

}  // namespace

std::unique_ptr<Enlarger> make_enlarger(const std::filesystem::path& onnx_file,
                                        const PainterOptions& options) {
  PainterOptions plain = options;
  plain.precision = options.precision == "int8" ? "auto" : options.precision;
  return std::make_unique<OpenVinoEnlarger>(onnx_file, plain);
}

}  // namespace impasto::engine
