#include "learn/norm.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "learn/vectorised.h"
#include "network/layers.h"

namespace impasto::learn {
namespace {

using network::kEpsilon;

/// One picture [places, channels].
struct Extent {
  std::int64_t places;
  std::int64_t channels;
};

/// Adds up, for each channel, the values and their squares.
template <typename T>
inline void sum_channels(const T* flow, Extent extent, float* sum, float* squares) {
  for (std::int64_t place = 0; place < extent.places; ++place) {
    const T* values = flow + place * extent.channels;
    for (std::int64_t c = 0; c < extent.channels; ++c) {
      const float value = value_of(values[c]);
      sum[c] += value;
      squares[c] += value * value;
    }
  }
}

/// gain·x + lift, cut off below `lowest`.
template <typename T>
inline void scale_channels(const T* flow, Extent extent, const float* gain, const float* lift,
                           float lowest, T* result) {
  for (std::int64_t place = 0; place < extent.places; ++place) {
    const T* values = flow + place * extent.channels;
    T* into = result + place * extent.channels;
    for (std::int64_t c = 0; c < extent.channels; ++c) {
      const float value = gain[c] * value_of(values[c]) + lift[c];
      put(into[c], value < lowest ? lowest : value);
    }
  }
}

/// Adds up the gradient, and the gradient times the flow, where the result was above `lowest`.
template <typename T>
inline void sum_gradients(const T* flow, const T* gradient, Extent extent, const float* gain,
                          const float* lift, float lowest, float* sum, float* products) {
  for (std::int64_t place = 0; place < extent.places; ++place) {
    const T* values = flow + place * extent.channels;
    const T* slopes = gradient + place * extent.channels;
    for (std::int64_t c = 0; c < extent.channels; ++c) {
      const float value = value_of(values[c]);
      const float slope = gain[c] * value + lift[c] > lowest ? value_of(slopes[c]) : 0.0F;
      sum[c] += slope;
      products[c] += slope * value;
    }
  }
}

/// gain·gradient + tilt·x + level: the gradient of the norm.
template <typename T>
inline void spread_gradients(const T* flow, const T* gradient, Extent extent, const float* gain,
                             const float* lift, float lowest, const float* tilt, const float* level,
                             T* result) {
  for (std::int64_t place = 0; place < extent.places; ++place) {
    const T* values = flow + place * extent.channels;
    const T* slopes = gradient + place * extent.channels;
    T* into = result + place * extent.channels;
    for (std::int64_t c = 0; c < extent.channels; ++c) {
      const float value = value_of(values[c]);
      const float slope = gain[c] * value + lift[c] > lowest ? value_of(slopes[c]) : 0.0F;
      put(into[c], gain[c] * slope + tilt[c] * value + level[c]);
    }
  }
}

// The vectorised forms; templates cannot be compiled several times.
IMPASTO_VECTORISED void sum_of(const std::uint16_t* f, Extent e, float* s, float* q) {
  sum_channels(f, e, s, q);
}
IMPASTO_VECTORISED void sum_of(const float* f, Extent e, float* s, float* q) {
  sum_channels(f, e, s, q);
}
IMPASTO_VECTORISED void scale_by(const std::uint16_t* f, Extent e, const float* g, const float* l,
                                 float low, std::uint16_t* r) {
  scale_channels(f, e, g, l, low, r);
}
IMPASTO_VECTORISED void scale_by(const float* f, Extent e, const float* g, const float* l,
                                 float low, float* r) {
  scale_channels(f, e, g, l, low, r);
}
IMPASTO_VECTORISED void sum_slopes(const std::uint16_t* f, const std::uint16_t* d, Extent e,
                                   const float* g, const float* l, float low, float* s, float* p) {
  sum_gradients(f, d, e, g, l, low, s, p);
}
IMPASTO_VECTORISED void sum_slopes(const float* f, const float* d, Extent e, const float* g,
                                   const float* l, float low, float* s, float* p) {
  sum_gradients(f, d, e, g, l, low, s, p);
}
IMPASTO_VECTORISED void spread(const std::uint16_t* f, const std::uint16_t* d, Extent e,
                               const float* g, const float* l, float low, const float* t,
                               const float* v, std::uint16_t* r) {
  spread_gradients(f, d, e, g, l, low, t, v, r);
}
IMPASTO_VECTORISED void spread(const float* f, const float* d, Extent e, const float* g,
                               const float* l, float low, const float* t, const float* v,
                               float* r) {
  spread_gradients(f, d, e, g, l, low, t, v, r);
}

constexpr float kNothingCut = -3.4e38F;

float lowest_of(bool relu) { return relu ? 0.0F : kNothingCut; }

/// Gain and lift of each picture's channels, [N,C] each: the norm as a multiplication and an
/// addition. `mean` and `inverse` (1/deviation) are kept for the gradient.
struct Affine {
  torch::Tensor mean, inverse, gain, lift;
};

template <typename T>
const T* memory(const torch::Tensor& tensor) {
  return static_cast<const T*>(tensor.data_ptr());
}
template <typename T>
T* writable(const torch::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

template <typename T>
Affine measure(const torch::Tensor& flow, const torch::Tensor& scale, const torch::Tensor& shift) {
  const auto count = flow.size(0);
  const Extent extent{flow.size(2) * flow.size(3), flow.size(1)};
  const torch::Tensor sums = torch::zeros({count, extent.channels});
  const torch::Tensor squares = torch::zeros({count, extent.channels});
  at::parallel_for(0, count, 1, [&](std::int64_t from, std::int64_t to) {
    for (auto n = from; n < to; ++n) {
      sum_of(memory<T>(flow) + n * extent.places * extent.channels, extent,
             writable<float>(sums) + n * extent.channels,
             writable<float>(squares) + n * extent.channels);
    }
  });
  const auto places = static_cast<double>(extent.places);
  Affine affine;
  affine.mean = sums / places;
  affine.inverse = torch::rsqrt((squares / places - affine.mean.square()).clamp_min(0) + kEpsilon);
  affine.gain = (scale * affine.inverse).contiguous();
  affine.lift = (shift - affine.mean * affine.gain).contiguous();
  return affine;
}

template <typename T>
torch::Tensor scale_and_shift(const torch::Tensor& flow, const Affine& affine, bool relu) {
  const Extent extent{flow.size(2) * flow.size(3), flow.size(1)};
  torch::Tensor result = torch::empty_like(flow);
  at::parallel_for(0, flow.size(0), 1, [&](std::int64_t from, std::int64_t to) {
    for (auto n = from; n < to; ++n) {
      const auto at = n * extent.places * extent.channels;
      scale_by(memory<T>(flow) + at, extent, memory<float>(affine.gain) + n * extent.channels,
               memory<float>(affine.lift) + n * extent.channels, lowest_of(relu),
               writable<T>(result) + at);
    }
  });
  return result;
}

struct Gradients {
  torch::Tensor flow, scale, shift;
};

template <typename T>
Gradients differentiate(const torch::Tensor& flow, const torch::Tensor& gradient,
                        const Affine& affine, bool relu) {
  const auto count = flow.size(0);
  const Extent extent{flow.size(2) * flow.size(3), flow.size(1)};
  const torch::Tensor sums = torch::zeros({count, extent.channels});
  const torch::Tensor products = torch::zeros({count, extent.channels});
  const auto each = [&](const auto& work) {
    at::parallel_for(0, count, 1, [&](std::int64_t from, std::int64_t to) {
      for (auto n = from; n < to; ++n) {
        work(n * extent.places * extent.channels, n * extent.channels);
      }
    });
  };
  const float lowest = lowest_of(relu);
  each([&](std::int64_t at, std::int64_t channel) {
    sum_slopes(memory<T>(flow) + at, memory<T>(gradient) + at, extent,
               memory<float>(affine.gain) + channel, memory<float>(affine.lift) + channel, lowest,
               writable<float>(sums) + channel, writable<float>(products) + channel);
  });
  // With z the normed flow: dx = gain·(dy − mean(dy) − z·mean(dy·z)).
  const auto places = static_cast<double>(extent.places);
  Gradients all;
  all.shift = sums;
  all.scale = (products - affine.mean * sums) * affine.inverse;
  const torch::Tensor tilt = (affine.gain * all.scale * affine.inverse / -places).contiguous();
  const torch::Tensor level = (affine.gain * sums / -places - tilt * affine.mean).contiguous();
  all.flow = torch::empty_like(flow);
  each([&](std::int64_t at, std::int64_t channel) {
    spread(memory<T>(flow) + at, memory<T>(gradient) + at, extent,
           memory<float>(affine.gain) + channel, memory<float>(affine.lift) + channel, lowest,
           memory<float>(tilt) + channel, memory<float>(level) + channel,
           writable<T>(all.flow) + at);
  });
  return all;
}

struct Norm : torch::autograd::Function<Norm> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& flow,
                               const torch::Tensor& scale, const torch::Tensor& shift, bool relu) {
    const torch::Tensor last = flow.contiguous(at::MemoryFormat::ChannelsLast);
    const bool half = last.scalar_type() == torch::kBFloat16;
    const Affine affine =
        half ? measure<std::uint16_t>(last, scale, shift) : measure<float>(last, scale, shift);
    context->save_for_backward({last, affine.mean, affine.inverse, affine.gain, affine.lift});
    context->saved_data["relu"] = relu;
    context->saved_data["shared"] = scale.size(0) == 1;
    return half ? scale_and_shift<std::uint16_t>(last, affine, relu)
                : scale_and_shift<float>(last, affine, relu);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const torch::Tensor& flow = saved[0];
    const Affine affine{saved[1], saved[2], saved[3], saved[4]};
    const bool relu = context->saved_data["relu"].toBool();
    const torch::Tensor gradient =
        gradients[0].to(flow.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    Gradients all = flow.scalar_type() == torch::kBFloat16
                        ? differentiate<std::uint16_t>(flow, gradient, affine, relu)
                        : differentiate<float>(flow, gradient, affine, relu);
    if (context->saved_data["shared"].toBool()) {
      all.scale = all.scale.sum(0, true);
      all.shift = all.shift.sum(0, true);
    }
    return {all.flow, all.scale, all.shift, {}};
  }
};

}  // namespace

torch::Tensor norm(const torch::Tensor& flow, const torch::Tensor& scale,
                   const torch::Tensor& shift, bool relu) {
  const bool ours = flow.device().is_cpu() &&
                    (flow.scalar_type() == torch::kBFloat16 || flow.scalar_type() == torch::kFloat);
  return ours ? Norm::apply(flow, scale, shift, relu) : plain_norm(flow, scale, shift, relu);
}

torch::Tensor plain_norm(const torch::Tensor& flow, const torch::Tensor& scale,
                         const torch::Tensor& shift, bool relu) {
  const torch::Tensor exact = flow.to(torch::kFloat);
  const torch::Tensor centred = exact - exact.mean({2, 3}, true);
  const torch::Tensor gain = scale.unsqueeze(2).unsqueeze(3) *
                             torch::rsqrt(centred.square().mean({2, 3}, true) + kEpsilon);
  const torch::Tensor result = shift.unsqueeze(2).unsqueeze(3) + centred * gain;
  return (relu ? result.relu() : result).to(flow.scalar_type());
}

}  // namespace impasto::learn
