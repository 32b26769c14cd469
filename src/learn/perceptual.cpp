#include "learn/perceptual.h"

#include <fmt/format.h>
#include <torch/autograd.h>
#include <torch/torch.h>

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "learn/activations.h"
#include "learn/mirrored.h"
#include "learn/safetensors.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

/// Convolutions that lie before each stage's first activation, that one included.
constexpr std::array<const char*, 13> kConvolutions = {
    "conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3",
    "conv3_4", "conv4_1", "conv4_2", "conv4_3", "conv4_4", "conv5_1"};

bool begins_stage(std::string_view convolution) { return convolution.back() == '1'; }

torch::Tensor weight_of(const std::map<std::string, torch::Tensor>& tensors,
                        const std::string& name) {
  const auto& codes = tensors.at(name + ".codes");
  return tensors.at(name + ".table")
      .index_select(0, codes.flatten().to(torch::kLong))
      .view(codes.sizes());
}

/// The mirror image's places on each side of a stage.
std::int64_t rim_of(std::size_t stage) { return kMirror >> stage; }

/// The network with its gradient written out, in place where that is safe: a chain of convolutions
/// leaves nothing for a general differentiator to find out.
struct FastFeatures : torch::autograd::Function<FastFeatures> {
  using Convolutions = const std::vector<Perceptual::Convolution>*;

  /// Saves what the gradient needs: each convolution's result, the pictures, and each's weight.
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const torch::Tensor& pictures,
                                                Convolutions convolutions, std::int64_t stages) {
    torch::autograd::variable_list features;
    torch::autograd::variable_list results;      // of each convolution, after its ReLU
    const bool keep = pictures.requires_grad();  // of a large painting they would be gigabytes
    torch::Tensor flow = pictures;
    for (const auto& convolution : *convolutions) {
      if (convolution.begins_stage && !features.empty()) {
        flow = pool(flow);
      }
      flow = torch::conv2d(flow, convolution.weight, convolution.bias, 1, 1)
                 .contiguous(at::MemoryFormat::ChannelsLast);
      rectify(flow);
      if (keep) {
        results.push_back(flow);
      }
      if (convolution.begins_stage) {
        features.push_back(inner_part(flow, rim_of(features.size())));
        if (static_cast<std::int64_t>(features.size()) == stages) {
          break;
        }
      }
    }
    if (keep) {
      const std::size_t count = results.size();
      results.push_back(pictures);
      for (std::size_t i = 0; i < count; ++i) {
        results.push_back((*convolutions)[i].weight);
      }
      context->save_for_backward(results);
    }
    return features;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const std::size_t count = saved.size() / 2;  // results, the pictures, weights
    std::size_t stage = gradients.size();
    torch::Tensor gradient = torch::zeros_like(saved[count - 1]);
    for (std::size_t i = count; i-- > 0;) {
      const torch::Tensor& result = saved[i];
      const bool begins = begins_stage(kConvolutions.at(i));
      torch::Tensor extra;
      if (begins) {
        extra = gradients[--stage];
        if (extra.defined()) {
          extra = extra.to(result.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
        }
      }
      gate(gradient, extra, result, rim_of(stage));
      const torch::Tensor& before = i > 0 ? saved[i - 1] : saved[count];
      const bool pooled = i > 0 && begins;
      const torch::Tensor input = pooled ? pool(before) : before;
      gradient = std::get<0>(torch::convolution_backward(gradient, input, saved[count + 1 + i],
                                                         c10::nullopt, {1, 1}, {1, 1}, {1, 1},
                                                         false, {0, 0}, 1, {true, false, false}))
                     .contiguous(at::MemoryFormat::ChannelsLast);
      if (pooled) {
        gradient = unpool(gradient, before, input);
      }
    }
    return {gradient, {}, {}};
  }
};

}  // namespace

Perceptual::Perceptual(const std::filesystem::path& weights, torch::Device device,
                       torch::Dtype type)
    : device_(device), type_(type) {
  const auto tensors =
      read_safetensors(store::read_all(weights.string()), weights.string()).tensors;
  for (const char* name : kConvolutions) {
    if (tensors.count(std::string(name) + ".codes") == 0) {
      throw Error(ExitCode::bad_input, fmt::format("{} lacks the layer {}; run make setup again",
                                                   weights.string(), name));
    }
    torch::Tensor weight = weight_of(tensors, name);
    torch::Tensor bias = tensors.at(std::string(name) + ".bias").clone();
    if (convolutions_.empty()) {
      // The weights want BGR in 0..255 less its means. Both go into the first convolution, but the
      // means must still be taken off before it, since its zero padding stands for them.
      weight = weight.flip(1) * 255.0;
    }
    convolutions_.push_back({weight.to(device, type).contiguous(torch::MemoryFormat::ChannelsLast),
                             bias.to(device, type), begins_stage(name)});
  }
}

torch::Tensor Perceptual::prepared(const torch::Tensor& pictures) const {
  const torch::Tensor means =
      torch::tensor({123.68F / 255, 116.779F / 255, 103.939F / 255}, pictures.options())
          .view({1, 3, 1, 1});
  return mirrored(pictures - means, kMirror)
      .contiguous(torch::MemoryFormat::ChannelsLast)
      .to(type_);
}

Features Perceptual::operator()(const torch::Tensor& pictures, int stages) const {
  if (type_ != torch::kBFloat16 || !device_.is_cpu()) {
    return plain(pictures, stages);
  }
  const auto found = FastFeatures::apply(prepared(pictures), &convolutions_, stages);
  Features features;
  std::copy(found.begin(), found.end(), features.begin());
  return features;
}

Features Perceptual::plain(const torch::Tensor& pictures, int stages) const {
  torch::Tensor flow = prepared(pictures);
  Features features;
  int stage = 0;
  for (const Convolution& convolution : convolutions_) {
    if (convolution.begins_stage && stage > 0) {
      flow = torch::max_pool2d(flow, 2);
    }
    flow = torch::conv2d(flow, convolution.weight, convolution.bias, 1, 1).relu_();
    if (convolution.begins_stage) {
      const std::int64_t rim = rim_of(static_cast<std::size_t>(stage));
      features.at(stage++) = flow.slice(2, rim, -rim).slice(3, rim, -rim);
      if (stage == stages) {
        break;
      }
    }
  }
  return features;
}

}  // namespace impasto::learn
