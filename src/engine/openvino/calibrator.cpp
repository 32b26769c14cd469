#include "engine/calibrator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <numeric>
#include <openvino/openvino.hpp>

#include "base/error.h"
#include "engine/moments.h"
#include "engine/openvino/net.h"
#include "engine/openvino/requests.h"
#include "engine/openvino/streams.h"
#include "engine/passes/activations.h"
#include "engine/passes/input.h"
#include "engine/passes/norms.h"

namespace impasto::engine {
namespace {

using openvino::reason;

/// A net that gives what is to be measured in place of the painting: what each norm reads, then
/// what the convolutions read.
struct Measured {
  std::shared_ptr<ov::Model> net;
  std::vector<std::string> norms;
  std::vector<std::string> activations;
};

/// `precision` is what the device computes in. All comes out in it, and with the channels last, as
/// convolutions leave it: anything else takes longer than the net itself.
Measured measured(const std::shared_ptr<ov::Model>& net, ov::element::Type precision,
                  bool activations) {
  Measured result;
  ov::OutputVector outputs;
  for (const passes::Norm& norm : passes::find_norms(net)) {
    outputs.push_back(norm.input);
    result.norms.push_back(norm.name);
  }
  if (activations) {
    for (const passes::Activation& activation : passes::find_activations(net)) {
      outputs.push_back(activation.tensor);
      result.activations.push_back(activation.name);
    }
  }
  ov::preprocess::PrePostProcessor ends(
      std::make_shared<ov::Model>(outputs, net->get_parameters()));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    ends.output(i).model().set_layout("NCHW");
    ends.output(i).tensor().set_layout("NHWC").set_element_type(
        precision == ov::element::bf16 ? ov::element::bf16 : ov::element::f32);
  }
  result.net = ends.build();
  return result;
}

NormStatistics statistics_of_norm(const std::string& name, const ov::Tensor& tensor) {
  const ov::Shape& shape = tensor.get_shape();  // [1, H, W, C]
  const std::size_t places = shape[1] * shape[2];
  const std::size_t channels = shape[3];
  return tensor.get_element_type() == ov::element::bf16
             ? norm_statistics(name, static_cast<const Bfloat16*>(tensor.data()), places, channels)
             : norm_statistics(name, tensor.data<const float>(), places, channels);
}

/// The value that `count` others are above (by `before`: std::greater) or below (std::less).
/// Few are near the end, so most need no sorting.
template <typename Before>
float outlier_bound(const float* values, std::size_t size, std::size_t count, Before before) {
  float end = values[0];
  for (std::size_t i = 1; i < size; ++i) {
    end = before(values[i], end) ? values[i] : end;
  }
  std::vector<float> near;
  for (float threshold = end / 2; before(threshold, 0.0F) && std::isnormal(threshold);
       threshold /= 2) {
    near.clear();
    for (std::size_t i = 0; i < size; ++i) {
      if (before(values[i], threshold)) {
        near.push_back(values[i]);
      }
    }
    if (near.size() > count) {
      break;
    }
  }
  if (near.size() <= count) {
    near.assign(values, values + size);
  }
  const auto place = near.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(near.begin(), place, near.end(), before);
  return *place;
}

/// The values of [1, H, W, C], channel after channel; where there are many, those of every other
/// line and column, which tell as much of ranges in a quarter of the time.
template <typename Value>
std::vector<float> thinned(const ov::Tensor& tensor) {
  const ov::Shape& shape = tensor.get_shape();
  const std::size_t channels = shape[3];
  constexpr std::size_t kMany = 10'000;
  const std::size_t step = shape[1] * shape[2] > kMany ? 2 : 1;
  const std::size_t lines = (shape[1] + step - 1) / step;
  const std::size_t columns = (shape[2] + step - 1) / step;
  const auto* values = static_cast<const Value*>(tensor.data());
  std::vector<float> planes(channels * lines * columns);
  float* to = planes.data();
  for (std::size_t y = 0; y < lines; ++y) {
    for (std::size_t x = 0; x < columns; ++x, ++to) {
      const Value* place = values + step * (y * shape[2] + x) * channels;
      for (std::size_t c = 0; c < channels; ++c) {
        to[c * lines * columns] = widened(place[c]);
      }
    }
  }
  return planes;
}

ActivationStatistics statistics_of(const std::string& name, const ov::Tensor& tensor) {
  const std::size_t channels = tensor.get_shape()[3];
  const std::vector<float> planes = tensor.get_element_type() == ov::element::bf16
                                        ? thinned<Bfloat16>(tensor)
                                        : thinned<float>(tensor);
  const std::size_t size = planes.size() / channels;
  const auto outliers = static_cast<std::size_t>(kOutliers * static_cast<double>(size));
  ActivationStatistics statistics{name, {}, {}, {}};
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const float* values = planes.data() + channel * size;
    statistics.mean.push_back(static_cast<float>(std::accumulate(values, values + size, 0.0) /
                                                 static_cast<double>(size)));
    statistics.low.push_back(outlier_bound(values, size, outliers, std::less<>()));
    statistics.high.push_back(outlier_bound(values, size, outliers, std::greater<>()));
  }
  return statistics;
}

/// A net that measures, compiled.
class Meter {
 public:
  Meter(ov::Core& core, Measured what, const openvino::DeviceChoice& device,
        const openvino::Split& split)
      : what_(std::move(what)),
        net_(core.compile_model(what_.net, device.name, openvino::compile_options(device, split))),
        concurrency_(
            std::max(1, static_cast<int>(net_.get_property(ov::optimal_number_of_infer_requests)))),
        requests_(net_, concurrency_) {}

  Calibration measure(const ov::Tensor& picture) {
    openvino::Loan loan(requests_);
    (*loan).set_input_tensor(picture);
    (*loan).infer();
    Calibration seen;
    std::size_t output = 0;
    for (const std::string& name : what_.norms) {
      seen.norms.push_back(statistics_of_norm(name, (*loan).get_output_tensor(output++)));
    }
    for (const std::string& name : what_.activations) {
      seen.activations.push_back(statistics_of(name, (*loan).get_output_tensor(output++)));
    }
    return pooled({seen});  // rounded as it will be kept
  }

  [[nodiscard]] int concurrency() const { return concurrency_; }

 private:
  Measured what_;
  ov::CompiledModel net_;
  int concurrency_;
  openvino::RequestPool requests_;
};

/// What is needed to compile a net that measures.
struct Recipe {
  ov::Core core;
  openvino::DeviceChoice device;
  openvino::Split split;
  std::shared_ptr<ov::Model> net;

  std::unique_ptr<Meter> meter(bool activations) {
    return std::make_unique<Meter>(core, measured(net->clone(), device.precision, activations),
                                   device, split);
  }
};

class OpenVinoCalibrator : public Calibrator {
 public:
  OpenVinoCalibrator(Recipe recipe, Size canvas)
      : recipe_(std::move(recipe)), canvas_(canvas), norms_(recipe_.meter(false)) {}

  Calibration see(const Picture& picture, bool activations) override {
    if (picture.canvas() != canvas_) {
      throw Error(ExitCode::bug, fmt::format("a calibrator for canvases of {} was given {}",
                                             to_string(canvas_), to_string(picture.canvas())));
    }
    try {
      const ov::Tensor tensor(ov::element::f32, openvino::shape_of(canvas_),
                              const_cast<float*>(picture.data()));
      return (activations ? all() : *norms_).measure(tensor);
    } catch (const std::exception& failure) {
      throw Error(ExitCode::unavailable,
                  fmt::format("the device {} failed to calibrate on a picture of {}: {}",
                              recipe_.device.full_name, to_string(canvas_), reason(failure)));
    }
  }

  [[nodiscard]] int concurrency() const override { return norms_->concurrency(); }

 private:
  /// Compiled when it is first needed.
  Meter& all() {
    std::call_once(once_, [this] { all_ = recipe_.meter(true); });
    return *all_;
  }

  Recipe recipe_;
  Size canvas_;
  std::unique_ptr<Meter> norms_;
  std::once_flag once_;
  std::unique_ptr<Meter> all_;
};

}  // namespace

std::unique_ptr<Calibrator> make_calibrator(const std::filesystem::path& onnx_file,
                                            const PainterOptions& options) {
  ov::Core core;
  const openvino::DeviceChoice device = openvino::choose_device(core, options);
  const auto net = openvino::read_for_canvas(onnx_file, options.canvas);
  passes::settle(net);
  passes::absorb_input_scale(net);
  if (passes::find_norms(net).empty()) {
    return nullptr;
  }
  try {
    return std::make_unique<OpenVinoCalibrator>(
        Recipe{core, device, openvino::split_threads(options.threads), net}, options.canvas);
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} cannot be compiled for the device \"{}\": {}", onnx_file.string(),
                            options.device, reason(failure)));
  }
}

std::vector<std::string> layers_of(const std::filesystem::path& onnx_file, Size canvas) {
  const auto net = openvino::read_for_canvas(onnx_file, canvas);
  passes::settle(net);
  std::vector<std::string> names;
  for (const passes::Convolution& convolution : passes::find_convolutions(net)) {
    names.push_back(convolution.name());
  }
  return names;
}

}  // namespace impasto::engine
