#include "learn/perceptual.h"

#include <fmt/format.h>
#include <torch/nn/functional.h>

#include "base/error.h"
#include "learn/safetensors.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

/// Convolutions that lie before each stage's first activation, that one included.
constexpr std::array<const char*, 13> kConvolutions = {
    "conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3",
    "conv3_4", "conv4_1", "conv4_2", "conv4_3", "conv4_4", "conv5_1"};

bool begins_stage(const char* name) { return std::string_view(name).back() == '1'; }

torch::Tensor weight_of(const std::map<std::string, torch::Tensor>& tensors,
                        const std::string& name) {
  const auto& codes = tensors.at(name + ".codes");
  return tensors.at(name + ".table")
      .index_select(0, codes.flatten().to(torch::kLong))
      .view(codes.sizes());
}

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
                             bias.to(device, type)});
  }
}

Features Perceptual::operator()(const torch::Tensor& pictures, int stages) const {
  const torch::Tensor means =
      torch::tensor({123.68F / 255, 116.779F / 255, 103.939F / 255}, pictures.options())
          .view({1, 3, 1, 1});
  torch::Tensor flow = (pictures - means).contiguous(torch::MemoryFormat::ChannelsLast).to(type_);
  Features features;
  int stage = 0;
  for (std::size_t i = 0; i < convolutions_.size(); ++i) {
    const bool begins = begins_stage(kConvolutions.at(i));
    if (begins && stage > 0) {
      flow = torch::max_pool2d(flow, 2);
    }
    flow = torch::conv2d(flow, convolutions_[i].weight, convolutions_[i].bias, 1, 1).relu_();
    if (begins) {
      features.at(stage++) = flow;
      if (stage == stages) {
        break;
      }
    }
  }
  return features;
}

}  // namespace impasto::learn
