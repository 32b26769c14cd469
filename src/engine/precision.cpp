#include "engine/precision.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "engine/calibrator.h"

namespace impasto::engine {
namespace {

double psnr(const Picture& one, const Picture& other) {
  double sum = 0;
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < one.size().height; ++y) {
      const std::size_t row = static_cast<std::size_t>(y) * one.stride();
      for (int x = 0; x < one.size().width; ++x) {
        const std::size_t place = row + static_cast<std::size_t>(x);
        const double left = std::clamp(one.plane(channel)[place], 0.0F, 1.0F);
        const double right = std::clamp(other.plane(channel)[place], 0.0F, 1.0F);
        sum += (left - right) * (left - right);
      }
    }
  }
  const double values = 3.0 * one.size().width * one.size().height;
  constexpr double kSame = 99;
  return sum > 0 ? std::min(kSame, 10 * std::log10(values / sum)) : kSame;
}

/// Paints the samples in one precision or another and tells how like float32 that is.
class Judge {
 public:
  Judge(std::filesystem::path onnx_file, PainterOptions options, const std::vector<Sample>& samples)
      : file_(std::move(onnx_file)), options_(std::move(options)), samples_(samples) {
    options_.threads = 1;  // several paint at once
    exact_.resize(samples.size());
    for_each_index(samples.size(), [&](std::size_t i) { exact_[i] = paint(i, "f32", {}); });
  }

  /// The PSNR of the worst sample.
  [[nodiscard]] double worst(const std::string& precision,
                             const std::set<std::string>& kept) const {
    std::vector<double> likeness(samples_.size());
    for_each_index(samples_.size(), [&](std::size_t i) { likeness[i] = of(i, precision, kept); });
    return *std::min_element(likeness.begin(), likeness.end());
  }

  /// The PSNR of one sample. Thread-safe.
  [[nodiscard]] double of(std::size_t sample, const std::string& precision,
                          const std::set<std::string>& kept) const {
    return psnr(exact_[sample], paint(sample, precision, kept));
  }

 private:
  [[nodiscard]] Picture paint(std::size_t sample, const std::string& precision,
                              const std::set<std::string>& kept) const {
    PainterOptions options = options_;
    options.precision = precision;
    options.kept = kept;
    options.calibration = samples_[sample].calibration;
    Picture painted(samples_[sample].picture->size());
    make_painter(file_, options)->paint(*samples_[sample].picture, painted);
    return painted;
  }

  std::filesystem::path file_;
  PainterOptions options_;
  const std::vector<Sample>& samples_;
  std::vector<Picture> exact_;
};

/// The convolutions, the one first whose whole numbers alone cost the most.
std::vector<std::string> by_harm(const Judge& judge, const std::vector<std::string>& layers) {
  std::vector<std::pair<double, std::string>> judged(layers.size());
  for_each_index(layers.size(), [&](std::size_t i) {
    std::set<std::string> others(layers.begin(), layers.end());
    others.erase(layers[i]);
    judged[i] = {judge.of(0, "int8", others), layers[i]};
  });
  std::sort(judged.begin(), judged.end());
  std::vector<std::string> sorted;
  sorted.reserve(judged.size());
  for (auto& [likeness, layer] : judged) {
    sorted.push_back(std::move(layer));
  }
  return sorted;
}

/// What the options' device computes in, the quickest floating-point form first.
std::vector<std::string> precisions_of(const PainterOptions& options) {
  for (const Device& device : devices()) {
    const std::string family = device.name.substr(0, device.name.find('.'));
    if (device.name == options.device || family == options.device) {
      return device.precisions;
    }
  }
  return {"f32"};
}

}  // namespace

PrecisionChoice choose_precision(const std::filesystem::path& onnx_file,
                                 const PainterOptions& options, const std::string& wanted,
                                 const std::vector<Sample>& samples) {
  PrecisionChoice choice;
  choice.precision = wanted;
  if (samples.empty()) {
    throw Error(ExitCode::bug, "a precision was to be chosen without a picture to judge by");
  }
  if (wanted == "f32") {
    return choice;
  }
  const Judge judge(onnx_file, options, samples);
  if (wanted != "auto") {
    choice.psnr = judge.worst(wanted, {});
    return choice;
  }
  const std::vector<std::string> known = precisions_of(options);
  if (std::find(known.begin(), known.end(), "int8") == known.end()) {
    return {known.front(), {}, judge.worst(known.front(), {})};
  }
  choice.precision = "int8";
  choice.psnr = judge.worst("int8", {});
  if (choice.psnr >= kEnough) {
    return choice;
  }
  const std::vector<std::string> layers = layers_of(onnx_file, options.canvas);
  const std::vector<std::string> sorted = by_harm(judge, layers);
  for (std::size_t count = 1; count <= layers.size() / 2; ++count) {
    choice.kept.insert(sorted[count - 1]);
    choice.psnr = judge.worst("int8", choice.kept);
    if (choice.psnr >= kEnough) {
      return choice;
    }
  }
  return {known.front(), {}, judge.worst(known.front(), {})};
}

}  // namespace impasto::engine
