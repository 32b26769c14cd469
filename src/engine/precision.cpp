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
    for (const Sample& sample : samples) {
      if (std::find(calibrations_.begin(), calibrations_.end(), sample.calibration) ==
          calibrations_.end()) {
        calibrations_.push_back(sample.calibration);
      }
    }
    exact_ = painted("f32", {});
  }

  /// The PSNR of the worst sample.
  [[nodiscard]] double worst(const std::string& precision,
                             const std::set<std::string>& kept) const {
    const std::vector<Picture> pictures = painted(precision, kept);
    std::vector<double> likeness;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      likeness.push_back(psnr(exact_[i], pictures[i]));
    }
    return *std::min_element(likeness.begin(), likeness.end());
  }

  /// The PSNR of the first sample. Thread-safe.
  [[nodiscard]] double first(const std::string& precision,
                             const std::set<std::string>& kept) const {
    const auto painter = painter_for(samples_.front().calibration, precision, kept);
    return psnr(exact_.front(), paint(*painter, samples_.front()));
  }

 private:
  [[nodiscard]] std::unique_ptr<Painter> painter_for(
      const std::shared_ptr<const Calibration>& calibration, const std::string& precision,
      const std::set<std::string>& kept) const {
    PainterOptions options = options_;
    options.precision = precision;
    options.kept = kept;
    options.calibration = calibration;
    return make_painter(file_, options);
  }

  static Picture paint(Painter& painter, const Sample& sample) {
    Picture painted(sample.picture->size());
    painter.paint(*sample.picture, painted);
    return painted;
  }

  /// All samples; those with one calibration by one painter, since making it takes longest.
  [[nodiscard]] std::vector<Picture> painted(const std::string& precision,
                                             const std::set<std::string>& kept) const {
    std::vector<Picture> pictures(samples_.size());
    for_each_index(calibrations_.size(), [&](std::size_t which) {
      const auto painter = painter_for(calibrations_[which], precision, kept);
      for (std::size_t i = 0; i < samples_.size(); ++i) {
        if (samples_[i].calibration == calibrations_[which]) {
          pictures[i] = paint(*painter, samples_[i]);
        }
      }
    });
    return pictures;
  }

  std::filesystem::path file_;
  PainterOptions options_;
  const std::vector<Sample>& samples_;
  std::vector<std::shared_ptr<const Calibration>> calibrations_;  ///< Each of the samples' once.
  std::vector<Picture> exact_;
};

/// The convolutions, the one first whose whole numbers alone cost the most.
std::vector<std::string> by_harm(const Judge& judge, const std::vector<std::string>& layers) {
  std::vector<std::pair<double, std::string>> judged(layers.size());
  for_each_index(layers.size(), [&](std::size_t i) {
    std::set<std::string> others(layers.begin(), layers.end());
    others.erase(layers[i]);
    judged[i] = {judge.first("int8", others), layers[i]};
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
