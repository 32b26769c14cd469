#include "engine/calibrator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <numeric>
#include <openvino/op/constant.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/reduce_mean.hpp>
#include <openvino/op/result.hpp>
#include <openvino/op/subtract.hpp>
#include <openvino/openvino.hpp>

#include "base/error.h"
#include "engine/openvino/net.h"
#include "engine/openvino/requests.h"
#include "engine/openvino/streams.h"
#include "engine/passes/activations.h"
#include "engine/passes/input.h"
#include "engine/passes/norms.h"

namespace impasto::engine {
namespace {

using openvino::reason;
using passes::Output;

/// A net that gives what is to be measured in place of the painting: mean and variance of what each
/// norm reads, then what the convolutions read.
struct Measured {
  std::shared_ptr<ov::Model> net;
  std::vector<std::string> norms;
  std::vector<std::string> activations;
};

Output mean_over_picture(const Output& of) {
  const auto axes = ov::op::v0::Constant::create(ov::element::i64, {2}, {2, 3});
  return std::make_shared<ov::op::v1::ReduceMean>(of, axes, true)->output(0);
}

Measured measured(const std::shared_ptr<ov::Model>& net, bool activations) {
  Measured result;
  ov::OutputVector outputs;
  for (const passes::Norm& norm : passes::find_norms(net)) {
    const Output mean = mean_over_picture(norm.input);
    const auto apart = std::make_shared<ov::op::v1::Subtract>(norm.input, mean);
    const auto square = std::make_shared<ov::op::v1::Multiply>(apart, apart);
    outputs.push_back(mean);
    outputs.push_back(mean_over_picture(square->output(0)));
    result.norms.push_back(norm.name);
  }
  if (activations) {
    for (const passes::Activation& activation : passes::find_activations(net)) {
      outputs.push_back(activation.tensor);
      result.activations.push_back(activation.name);
    }
  }
  result.net = std::make_shared<ov::Model>(outputs, net->get_parameters());
  return result;
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

ActivationStatistics statistics_of(const std::string& name, const ov::Tensor& tensor) {
  const ov::Shape& shape = tensor.get_shape();
  const std::size_t size = shape[2] * shape[3];
  const auto outliers = static_cast<std::size_t>(kOutliers * static_cast<double>(size));
  ActivationStatistics statistics{name, {}, {}, {}};
  for (std::size_t channel = 0; channel < shape[1]; ++channel) {
    const float* values = tensor.data<const float>() + channel * size;
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
    const auto values = [&] {
      const ov::Tensor tensor = (*loan).get_output_tensor(output++);
      const auto* first = tensor.data<const float>();
      return std::vector<float>(first, first + tensor.get_size());
    };
    for (const std::string& name : what_.norms) {
      NormStatistics norm{name, values(), values()};
      for (float& one : norm.deviation) {
        one = std::sqrt(std::max(0.0F, one));
      }
      seen.norms.push_back(std::move(norm));
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
    return std::make_unique<Meter>(core, measured(net->clone(), activations), device, split);
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
